"""What an operator does so as not to be found: knobs, and three settings of them by name."""

from dataclasses import dataclass, fields

from graphscan.errors import SettingsError


@dataclass(frozen=True)
class Evasion:
    """How much of each habit the planted rings give up; 0 (and a factor of 1) gives up nothing.

    replaced_words   share of a template's words that each request replaces by others
    restructured     share of template requests with sentences reordered, another opening, synonyms
    camouflage       least share of a ring's requests that are ordinary writing
    unique_cards     share of the accounts on shared cards that get a card of their own
    address_factor   how many times more addresses a ring has, and an account uses
    address_per_day  a fresh address from carriers' pools for each account and day
    pool_share       with address_per_day: share of requests that still come from the ring's own pool
    jitter_hours     requests leave their schedule by up to so many hours either way
    """

    replaced_words: float = 0.0
    restructured: float = 0.0
    camouflage: float = 0.0
    unique_cards: float = 0.0
    address_factor: float = 1.0
    address_per_day: bool = False
    pool_share: float = 0.05
    jitter_hours: float = 0.0

    def __post_init__(self) -> None:
        faults = [
            f"evasion.{knob.name}: not a share: got {getattr(self, knob.name)}; expected a number from 0 to 1"
            for knob in fields(self)
            if knob.name not in {"address_factor", "address_per_day", "jitter_hours"}
            and not 0.0 <= getattr(self, knob.name) <= 1.0
        ]
        if not 1.0 <= self.address_factor <= 1000.0:
            faults.append(
                f"evasion.address_factor: out of range: got {self.address_factor}; expected 1 to 1000"
            )
        if not 0.0 <= self.jitter_hours <= 168.0:
            faults.append(f"evasion.jitter_hours: out of range: got {self.jitter_hours}; expected 0 to 168")
        if faults:
            raise SettingsError("\n".join(faults), "leave a knob out to keep that habit as it is")


PRESETS = {
    "none": Evasion(),
    "evasive": Evasion(replaced_words=0.25, unique_cards=0.8, address_factor=2.0, camouflage=0.4),
    "hard": Evasion(
        replaced_words=0.5, unique_cards=1.0, address_per_day=True, pool_share=0.05, camouflage=0.5
    ),
}


def evasion_of(setting: "str | Evasion") -> Evasion:
    """The knobs for a name, or the knobs given. SettingsError for an unknown name."""
    if isinstance(setting, Evasion):
        return setting
    if setting not in PRESETS:
        raise SettingsError(
            f"evasion: unknown name: got {setting!r}; expected {', '.join(PRESETS)}",
            "or pass an Evasion with knobs of your own",
        )
    return PRESETS[setting]
