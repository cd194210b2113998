"""The compiled prompt kernel: from text to the hashes of its fragments.

Takes in a column of texts and gives out, for each, the fragments that a template would share: runs of `WORDS` words
(of characters, in scripts without spaces), case folded and digits masked in every script, a consistent sample of one
in `KEEP_ONE_IN`. Two texts that share a run of words share its hash; the sample depends on the hash alone, so both keep
it or neither does. Templates stand before or after what fills them: of the first and of the last `ENDS` runs the
smallest is kept, where the sample has none of them, so that no template can be worded out of sight.

Source: Broder, "On the resemblance and containment of documents", SEQUENCES 1997,
doi:10.1109/SEQUEN.1997.666900 (sampling by hash mod m); Schleimer, Wilkerson, Aiken, "Winnowing", SIGMOD 2003,
doi:10.1145/872757.872770 (the smallest of a window).
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

WORDS = 4
"""Words in a fragment: turning it up makes fragments rarer and easier to break by replacing words."""

KEEP_ONE_IN = 8
"""A power of two: one fragment in so many is kept. Turning it up makes the scan cheaper and short templates dimmer."""

ENDS = 8
"""Of so many first runs and so many last ones the smallest is kept where none fell into the sample: a template of 11
words (`ENDS` + `WORDS` − 1) before or after a text of one's own is always seen."""

SEPARATOR, IGNORED, DIGIT, WIDE = 0, 1, 2, 3
"""What a character may be in place of a letter: it parts words, is nothing at all (a soft hyphen, a zero-width
joiner), is a digit of any script, or belongs to a script without spaces."""

FIRST_EMOJI, LAST_EMOJI = 0x1F000, 0x1FAFF
"""They part words; all else beyond the basic plane is a letter."""

WITHOUT_SPACES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x9FFF), (0xF900, 0xFAFF))
"""Thai and Lao, Myanmar, Khmer, kana and Han with their compatibility forms."""


def _read_as() -> NDArray[np.uint16]:
    """What each character of the basic plane is read as: one of the four above, or its simple case folding."""
    read = np.arange(1 << 16, dtype=np.uint16)
    wide = np.zeros(1 << 16, bool)
    for first, last in WITHOUT_SPACES:
        wide[first : last + 1] = True
    for code in range(1 << 16):
        char = chr(code)
        kind = unicodedata.category(char)
        if kind == "Cf":
            read[code] = IGNORED
        elif kind[0] in "ZPS" or kind in ("Cc", "Cs"):
            read[code] = SEPARATOR
        elif kind == "Nd":
            read[code] = DIGIT
        elif wide[code]:
            read[code] = WIDE
        elif kind[0] == "L":
            folded = char.casefold()
            # Folds of two letters (ß) stay; of a letter and its mark (İ) the letter is taken.
            if len(folded) == 1 or unicodedata.category(folded[1]) == "Mn":
                read[code] = ord(folded[0])
    return read


READ_AS = _read_as()


@njit(cache=True, nogil=True, inline="always")
def stir(x: np.uint64) -> np.uint64:
    x ^= x >> np.uint64(32)
    x *= np.uint64(0xD6E8FEB86659FD93)
    x ^= x >> np.uint64(32)
    x *= np.uint64(0xD6E8FEB86659FD93)
    return x ^ (x >> np.uint64(32))


@njit(cache=True, nogil=True, inline="always")
def _long_code(data: NDArray[np.uint8], p: int, end: int) -> tuple[np.int64, int]:
    """The code point of the character of three or four bytes at p, and its length.

    A byte that is no part of such a one stands for itself.
    """
    c = np.int64(data[p])
    left = end - p
    if c >= 0xE0 and left > 2 and data[p + 1] & 0xC0 == 0x80 and data[p + 2] & 0xC0 == 0x80:
        low = np.int64(data[p + 1] & 0x3F) << 6 | np.int64(data[p + 2] & 0x3F)
        if c < 0xF0:
            return (c & 0x0F) << 12 | low, 3
        if c < 0xF5 and left > 3 and data[p + 3] & 0xC0 == 0x80:
            return (c & 0x07) << 18 | low << 6 | np.int64(data[p + 3] & 0x3F), 4
    return c, 1


@njit(cache=True, nogil=True, inline="always")
def _keep(
    s: np.uint64,
    at: NDArray[np.int64],
    start: np.int64,
    m: int,
    out: NDArray[np.int64],
    spans: NDArray[np.int32],
) -> int:
    """Writes one fragment of the text that begins at `start`; how many there are then."""
    out[m] = np.int64(s >> np.uint64(1))
    if spans.size:
        spans[m, 0] = at[0] - start
        spans[m, 1] = at[1] - start
    return m + 1


@njit(cache=True, nogil=True)
def fragment_hashes(
    offsets: NDArray[np.int64],
    data: NDArray[np.uint8],
    valid: NDArray[np.bool_],
    read_as: NDArray[np.uint16],
    out_offsets: NDArray[np.int32],
    out: NDArray[np.int64],
    spans: NDArray[np.int32],
) -> int:
    """Writes each text's fragments, repeats kept, into `out` from `out_offsets[i]`; how many were written in all.

    `offsets` has one more entry than there are texts; `out` needs the room that `room_for` gives. Where each
    fragment begins and ends in its text, in bytes, goes to `spans`, shape (room, 2), unless that is empty.
    """
    mask = np.uint64(KEEP_ONE_IN - 1)
    prime = np.uint64(0x100000001B3)
    basis = np.uint64(0xCBF29CE484222325)
    recent = np.empty(ENDS, np.uint64)  # the last runs, and from where to where they go
    recent_at = np.empty((ENDS, 2), np.int64)
    m = 0
    for row in range(offsets.size - 1):
        out_offsets[row] = m
        if not valid[row]:
            continue
        kept = -1  # the last run that was kept
        w1 = np.uint64(0)  # the last words, w1 the newest
        w2 = np.uint64(0)
        w3 = np.uint64(0)
        s0 = s1 = s2 = s3 = np.int64(0)  # where the running word and the last ones begin
        n_words = 0
        c1 = np.uint64(0)  # the last wide characters, in one number each
        c2 = np.uint64(0)
        a1 = a2 = np.int64(-1)  # where they begin
        h = basis
        in_word = False
        in_digits = False
        p = offsets[row]
        end = offsets[row + 1]
        whole = basis
        while p <= end:
            code = np.int64(data[p]) if p < end else np.int64(32)
            width = 1
            if code >= 0x80:
                if 0xC2 <= code < 0xE0 and p + 1 < end and data[p + 1] & 0xC0 == 0x80:
                    code = (code & 0x1F) << 6 | np.int64(data[p + 1] & 0x3F)
                    width = 2
                    r = np.int64(read_as[code])
                    if r > WIDE:
                        # The same as below, with a step that is known: alphabets of two bytes go twice as fast.
                        h = (h ^ np.uint64(r)) * prime
                        if not in_word:
                            s0 = p
                        in_word = True
                        in_digits = False
                        p += 2
                        continue
                else:
                    code, width = _long_code(data, p, end)
            is_emoji = FIRST_EMOJI <= code <= LAST_EMOJI
            r = np.int64(read_as[code]) if code < 0x10000 else np.int64(SEPARATOR) if is_emoji else code
            if r > WIDE:
                h = (h ^ np.uint64(r)) * prime
                if not in_word:
                    s0 = p
                in_word = True
                in_digits = False
                p += width
                continue
            if r == DIGIT:
                if not in_digits:
                    h = (h ^ np.uint64(48)) * prime
                if not in_word:
                    s0 = p
                in_word = True
                in_digits = True
                p += width
                continue
            if r == IGNORED:
                p += width
                continue
            # The end of a word, a wide character, or both: up to two tokens.
            for token in range(2):
                if token == 0:
                    if not in_word:
                        continue
                    word = stir(h)
                    till = p
                    h = basis
                    in_word = False
                    in_digits = False
                else:
                    if r != WIDE:
                        break
                    c3 = np.uint64(code)
                    word = stir((c1 * np.uint64(1000003) + c2) * np.uint64(1000003) + c3)
                    c1 = c2
                    c2 = c3
                    s0 = a1 if a1 >= 0 else a2 if a2 >= 0 else p  # the hash holds the two before it
                    a1 = a2
                    a2 = p
                    till = p + width
                n_words += 1
                whole = (whole ^ word) * prime
                if n_words >= WORDS:
                    s = stir(((word * np.uint64(31) + w1) * np.uint64(31) + w2) * np.uint64(31) + w3)
                    run = n_words - WORDS
                    recent[run % ENDS] = s
                    recent_at[run % ENDS, 0] = min(s0, s1, s2, s3)
                    recent_at[run % ENDS, 1] = till
                    if s & mask == 0:
                        kept = run
                        m = _keep(s, recent_at[run % ENDS], offsets[row], m, out, spans)
                    elif run == ENDS - 1 and kept < 0:
                        kept = int(np.argmin(recent))
                        m = _keep(recent[kept], recent_at[kept], offsets[row], m, out, spans)
                w3 = w2
                w2 = w1
                w1 = word
                s3 = s2
                s2 = s1
                s1 = s0
            p += width
        n_runs = n_words - WORDS + 1
        if n_runs > 0 and kept < max(n_runs - ENDS, 0):
            least = np.argmin(recent[:n_runs])
            m = _keep(recent[least], recent_at[least], offsets[row], m, out, spans)
        elif n_runs <= 0 < n_words:
            recent_at[0, 0] = offsets[row]
            recent_at[0, 1] = end
            m = _keep(stir(whole), recent_at[0], offsets[row], m, out, spans)
    out_offsets[offsets.size - 1] = m
    return m


def prompt_fragments(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Fragments of each text as a list of BIGINT, in order of appearance, repeats kept; null texts have none."""
    column, offsets, data = text_buffers(texts)
    n = len(column)
    if n == 0:
        return pa.array([], pa.list_(pa.int64()))
    valid = np.ones(n, bool) if column.null_count == 0 else np.asarray(column.is_valid())
    out_offsets = np.empty(n + 1, np.int32)
    out = np.empty(room_for(int(offsets[-1] - offsets[0]), n), np.int64)
    m = fragment_hashes(offsets, data, valid, READ_AS, out_offsets, out, np.empty((0, 2), np.int32))
    return pa.ListArray.from_arrays(pa.array(out_offsets), pa.array(out[:m]))


def fragment_words(texts: list[str], wanted: set[int]) -> dict[int, str]:
    """The words of the wanted fragments, as the first text that holds each has them."""
    column, offsets, data = text_buffers(pa.array(texts, pa.large_string()))
    n = len(column)
    if n == 0:
        return {}
    out_offsets = np.empty(n + 1, np.int32)
    room = room_for(int(offsets[-1] - offsets[0]), n)
    out, spans = np.empty(room, np.int64), np.empty((room, 2), np.int32)
    m = fragment_hashes(offsets, data, np.ones(n, bool), READ_AS, out_offsets, out, spans)
    row = np.repeat(np.arange(n), np.diff(out_offsets))
    words: dict[int, str] = {}
    for i in np.flatnonzero(np.isin(out[:m], np.fromiter(wanted, np.int64, len(wanted)))):
        start = offsets[row[i]]
        text = data[start + spans[i, 0] : start + spans[i, 1]].tobytes().decode("utf-8", "replace")
        words.setdefault(int(out[i]), " ".join(text.split()))
    return words


def as_read(text: str) -> str:
    """A text as its fragments are hashed: case folded, # for a number, one blank for what parts words."""
    read = []
    for char in text:
        kind = int(READ_AS[ord(char)]) if ord(char) < READ_AS.size else ord(char)
        if kind == SEPARATOR or FIRST_EMOJI <= kind <= LAST_EMOJI:
            read.append(" ")
        elif kind == DIGIT:
            read.append("#")
        elif kind != IGNORED:
            read.append(char if kind == WIDE else chr(kind))
    return re.sub("#+", "#", " ".join("".join(read).split()))


def text_buffers(texts: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int64], NDArray[np.uint8]]:
    """The texts as one array, where each begins in the bytes (one more entry than texts), and the bytes."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.chunk(0) if texts.num_chunks == 1 else texts.combine_chunks()
    # To cast short offsets to long ones would copy the texts as well.
    is_short = texts.type == pa.string()
    column = texts if is_short else texts.cast(pa.large_string())
    n = len(column)
    if n == 0:
        return column, np.zeros(1, np.int64), np.zeros(1, np.uint8)
    _, offset_buffer, data_buffer = column.buffers()
    kind = np.dtype(np.int32 if is_short else np.int64)
    offsets = np.frombuffer(offset_buffer, kind, n + 1, column.offset * kind.itemsize).astype(np.int64)
    has_bytes = data_buffer is not None and data_buffer.size > 0
    data = np.frombuffer(data_buffer, np.uint8) if has_bytes else np.zeros(1, np.uint8)
    return column, offsets, data


def room_for(n_bytes: int, n_texts: int) -> int:
    """Fragments that so many bytes can hold: a word needs two bytes with its space, a wide character three."""
    return n_bytes // 2 + n_texts + 1
