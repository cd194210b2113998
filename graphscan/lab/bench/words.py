"""Words for texts that no language knows: letters alone, since the prompt kernel takes all numbers for one."""

from __future__ import annotations

SYLLABLES = ("ba", "den", "fi", "gor", "hal", "in", "ko", "lum", "mer", "nos", "pra", "ris", "sul", "tev")

N_WORDS = len(SYLLABLES) ** 3


def word(number: int) -> str:
    """Another word for each number from 0 to N_WORDS − 1."""
    n = len(SYLLABLES)
    return SYLLABLES[number // n**2 % n] + SYLLABLES[number // n % n] + SYLLABLES[number % n]
