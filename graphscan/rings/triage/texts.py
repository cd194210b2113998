"""What a ring's accounts send: how much of it fills templates, and how often a filling comes again."""

from __future__ import annotations

from graphscan.rings.triage.measured import Measured

QUEUE = 0.5
"""Share of requests in templates from which work is systematic, if hardly any filling is used twice."""

NOTHING_ELSE = 0.85
"""Share of requests in templates from which accounts do hardly anything else: people at work or study do."""

FRESH = 0.1
"""Share of fillings that another account sent too, up to which somebody hands out the work."""

SET, OF_SET = 0.15, 0.85
"""Share of the prompts in templates that another account sent word for word, and different texts among them, from which
and up to which they may be tasks that are set to many: of courses and of laboratories that run one test they are .18 to
.47 and .53 to .83, of rings in as many bursts hardly ever."""

REPEATED, GIVEN_OUT = 0.5, 0.3
"""Share of the prompts in templates that another account sent word for word, and different texts among them, from which
and up to which they are given out to all: who checks one answer by another sends a text two or three times."""

ANYBODYS = 0.6
"""Different texts, as a share of the prompts in templates, up to which those that several accounts send are anybody's,
as a public test is: customers who came one by one have .1 to .53, rings that did and say things again .66 and more."""

GIVEN_TO_ALL = 0.1
"""Different texts, as a share of the prompts in templates, up to which everybody is given the same few, as in a study:
that all send alike is then no work shared out. Rings that check one answer by another send each text two or three
times."""

SAME_FEW = 0.03
"""Such a share up to which the same texts come back again and again: of a tutorial's jobs it is .01, and .09 or more of
ten accounts that all send each text once."""

ONES_OWN = 0.95
"""Such a share from which hardly any two send the same, whatever frames it: who checks one answer by another has .9 at
most."""


class Texts(Measured):
    """The prompts of a ring's accounts."""

    @property
    def in_templates(self) -> float:
        """Share of the requests that fill templates."""
        return self.value("share_in_templates", 0.0)

    @property
    def distinct(self) -> float:
        """Different texts, as a share of the prompts in templates."""
        return self.value("distinct_texts", 1.0)

    @property
    def are_a_queue(self) -> bool:
        """Whether most fill templates."""
        return self.in_templates >= QUEUE

    @property
    def are_all_they_send(self) -> bool:
        """Whether hardly anything else is sent than what fills templates."""
        return self.in_templates >= NOTHING_ELSE

    @property
    def are_fresh(self) -> bool:
        """Whether hardly any filling is used twice."""
        return self.repeated <= FRESH

    @property
    def are_of_ones_own(self) -> bool:
        """Whether most fill templates, and hardly any two are the same."""
        return self.are_a_queue and self.distinct >= ONES_OWN

    @property
    def repeated(self) -> float:
        """Share of the prompts in templates that another account sent word for word."""
        return self.value("slot_repeats", 0.0)

    @property
    def are_set_tasks(self) -> bool:
        """Whether a good part of the texts comes from several accounts, not most, and clearly fewer are different."""
        return self.repeated >= SET and not self.are_mostly_repeated and self.distinct <= OF_SET

    @property
    def are_mostly_repeated(self) -> bool:
        """Whether most texts come from several accounts."""
        return self.repeated >= REPEATED

    @property
    def are_anybodys(self) -> bool:
        """Whether most texts come from several accounts, and hardly half of them are different."""
        return self.are_mostly_repeated and self.distinct <= ANYBODYS

    @property
    def are_given_out(self) -> bool:
        """Whether most texts come from several accounts, and each from many of them."""
        return self.are_mostly_repeated and self.distinct <= GIVEN_OUT

    @property
    def are_given_to_all(self) -> bool:
        """Whether everybody is given the same few."""
        return self.are_a_queue and self.distinct <= GIVEN_TO_ALL

    @property
    def are_the_same_few(self) -> bool:
        """Whether the same few come again and again, and nothing else."""
        return self.are_all_they_send and self.distinct <= SAME_FEW
