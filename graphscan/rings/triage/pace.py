"""How much a ring's accounts ask, when, and when they signed up."""

from __future__ import annotations

import math

from graphscan.rings.triage.measured import Measured

AS_MANY = 2.0
"""Requests an account, in those of ordinary customers, up to which accounts ask as customers do."""

HARD_AT_WORK = 10.0
"""Requests an account, in those of ordinary customers, from which such accounts are no agency's: those ask for 9 times
as much at most, and rings in one office for 17 and more."""

BURST, TIMES_A_DAY = 0.4, 1.5
"""Share of the requests on the busiest day from which it is one event, and times that share of ordinary customers."""

TURNS = 0.75
"""Evenness of dispatch from which accounts take turns: no people do, nor jobs that know nothing of one another."""

STRICTLY = 0.9
"""Evenness of dispatch from which each account waits for all the others: a plugin's timer, which asks for all of its
customers in the same minutes, leaves .6 to .8, a round robin .99."""

DISPATCH = 0.45
"""Evenness of dispatch from which requests look handed out (.5 is at random): people come in bursts, .1 to .4."""

MORE_EVENLY = 0.15
"""Evenness by which work that is handed out is dispatched more evenly than that of as many customers: where these are
programs it is .6, and outlets that are open at the same hours have .14 more at most; rings have .18 more."""

BY_CHANCE = 0.05
"""Evenness of dispatch by which sets of as many customers differ: up to so much more they ask in bursts as well."""

AT_A_TIME, OVERLAP, TO_ITS_END = 0.07, 0.6, 0.7
"""Evenness of dispatch up to which sittings are long and hardly any two at once, the same in that of as many customers,
and evenness of work from which each account is used up before the next: of a hundred and more such sets whose texts
come from a queue one was an honest crowd. Who are at work together sit at it at the same hours: .09 or more."""

TOGETHER, TIMES_FASTER = 3.0, 10.0
"""Days in which most of the accounts sign up where it is done at once, and times that span of ordinary customers."""

OVER_TIME = 0.2
"""Sign-up span, in that of ordinary customers, from which accounts came one by one: of a tool's customers it is .2 to
.7, of an agency's .5 or more; of rings one in eight has as much, and hardly any that has .2 has not .4."""

AT_WILL = 0.6
"""Evenness of work up to which each asks as much as he likes: of freelancers on one platform it is .41 to .55, of rings
.65 and more."""

ONCE_A_DAY, AT_THAT_HOUR = 2.5, 0.2
"""Requests of the median account on a day, and share of them in the quietest eight hours, up to which who came one by
one asks by the clock: that all ask at nine is no turn taken. Rings that take turns do so day and night."""

HABIT, ASLEEP = 1.3, 0.1
"""Such requests on a day, and such a share, up to which that is a habit, whenever they came: hardly a ring asks for so
little by day alone, and none of those that do pays for each account by itself."""

A_LITTLE_MORE = 1.5
"""Requests an account, in those of ordinary customers, up to which people of one country that are awake by day ask as
little as anybody: teachers in training and those whose letters a village's clerk writes did. No ring among two thousand
asked for so little by day alone."""

EVERY_DAY, DAYS = 0.9, 10.0
"""Share of the days from which the median account asks on all of them, and days that it takes to say so: people have
days off. Of rings a third ask every day, of crowds one in a hundred, all of them programs."""


class Pace(Measured):
    """The requests and sign-ups of a ring's accounts in time."""

    def is_heavy(self, times: float) -> bool:
        """Whether the median account asks so many times as much as an ordinary customer."""
        ordinary = self.ordinary("requests_per_account", math.inf)
        return self.value("requests_per_account", 0.0) >= times * max(ordinary, 1.0)

    @property
    def asks_more(self) -> bool:
        """Whether the median account asks for more than an ordinary customer, as far as the log tells."""
        ordinary = self.ordinary("requests_per_account", -math.inf)
        return self.value("requests_per_account", 0.0) > ordinary

    @property
    def is_one_event(self) -> bool:
        """Whether much of it is on one day, and clearly more than of what customers do: a log may be of two days."""
        least = max(BURST, TIMES_A_DAY * self.ordinary("share_busiest_day", 0.0))
        return self.value("share_busiest_day", 0.0) >= least

    @property
    def dispatch(self) -> float:
        """Evenness of dispatch: how little their requests come in bursts (.5 is at random)."""
        return self.value("evenness_of_dispatch", 0.0)

    @property
    def takes_turns(self) -> bool:
        """Whether requests come more evenly than chance has them, and not by the clock: each account waits for the
        others."""
        return self._is_dispatched(TURNS) and not self.asks_by_the_clock

    @property
    def takes_turns_strictly(self) -> bool:
        """Whether each account waits for all the others, as no timer has them."""
        return self._is_dispatched(STRICTLY)

    @property
    def is_one_at_a_time(self) -> bool:
        """Whether the log tells that accounts are used up one after another, in long sittings that hardly overlap."""
        dispatch = self.value("evenness_of_dispatch", math.inf)
        most = min(AT_A_TIME, OVERLAP * self.ordinary("evenness_of_dispatch", 0.0))
        return dispatch <= most and self.value("evenness_of_work", 0.0) >= TO_ITS_END

    @property
    def asks_by_the_clock(self) -> bool:
        """Whether accounts that came one by one ask once or twice a day, at the same hours."""
        return self._asks_at_most(ONCE_A_DAY, AT_THAT_HOUR) and self.signed_up_over_time

    @property
    def is_a_daily_habit(self) -> bool:
        """Whether accounts ask once a day, when people are awake."""
        return self._asks_at_most(HABIT, ASLEEP)

    @property
    def asks_little_by_day(self) -> bool:
        """Whether the log tells that they ask for hardly more than customers do, and when people are awake."""
        is_by_day = self.value("share_night_hours", 1.0) <= ASLEEP
        is_known = "requests_per_account" in self.measures
        return is_known and is_by_day and not self.is_heavy(A_LITTLE_MORE)

    def _asks_at_most(self, on_a_day: float, at_night: float) -> bool:
        """Whether the median account asks so often on a day, and so large a share of all comes in the quiet hours."""
        is_seldom = self.value("requests_per_day", math.inf) <= on_a_day
        return is_seldom and self.value("share_night_hours", 1.0) <= at_night

    @property
    def is_handed_out(self) -> bool:
        """Whether requests come less in bursts than those of people, or of customers that are programs."""
        return self._is_dispatched(DISPATCH)

    @property
    def is_in_bursts(self) -> bool:
        """Whether the log tells that they ask in bursts of their own, as customers do."""
        return self.dispatch <= self.ordinary("evenness_of_dispatch", -math.inf) + BY_CHANCE

    @property
    def is_at_will(self) -> bool:
        """Whether the log tells that some ask much more than others, as customers do."""
        return self.value("evenness_of_work", math.inf) <= AT_WILL

    def _is_dispatched(self, least: float) -> bool:
        return self.dispatch >= max(least, self.ordinary("evenness_of_dispatch", 0.0) + MORE_EVENLY)

    @property
    def has_no_day_off(self) -> bool:
        """Whether the median account asks on every day, as far as the log tells, and an ordinary customer does not."""
        days = self.value("span_days", 0.0)
        least = max(EVERY_DAY * days, self.ordinary("active_days_per_account", 0.0) + 1.0)
        return days >= DAYS and self.value("active_days_per_account", 0.0) >= least

    @property
    def sign_up_hours(self) -> float:
        """Hours in which most signed up."""
        return 24.0 * self.value("sign_up_span_days", math.inf)

    @property
    def signed_up_together(self) -> bool:
        """Whether most signed up within a day or two, and customers over many."""
        span = self.value("sign_up_span_days", math.inf)
        return span <= TOGETHER and self.ordinary("sign_up_span_days", 0.0) >= TIMES_FASTER * max(span, 1.0)

    @property
    def signed_up_over_time(self) -> bool:
        """Whether they signed up one by one, as customers do."""
        ordinary = self.ordinary("sign_up_span_days", 0.0)
        return self.value("sign_up_span_days", 0.0) >= OVER_TIME * ordinary > 0.0
