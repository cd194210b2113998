"""Who belongs to a settled ring, once more: who comes in (`taken_in`), and who is let go (`let_go`).

Takes in rings that are settled under the caps and gives out the same rings, with more accounts or fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from graphscan.rings.certificate import Benches, Verdict
from graphscan.rings.settle.let_go import without_framed, without_other_languages, without_strangers
from graphscan.rings.settle.overlaps import ranked
from graphscan.rings.settle.taken_in import broadened, completed, with_heavy


def reconsidered(benches: Benches, rings: Sequence[Verdict], min_bits: float) -> list[Verdict]:
    """The rings broadened, without strangers, with their heavy members, without the few of other languages, without the
    framed; the most bits first."""
    with benches.one() as bench:
        whole = completed(bench, broadened(bench, rings, min_bits), min_bits)
    known_well = ranked(v for v in benches.map(without_strangers, whole) if v.bits >= min_bits)
    with benches.one() as bench:
        whole = with_heavy(bench, known_well, min_bits)
    alike = benches.map(partial(without_other_languages, min_bits=min_bits), whole)
    innocent = benches.map(partial(without_framed, min_bits=min_bits), alike)
    return ranked(v for v in innocent if v.bits >= min_bits)
