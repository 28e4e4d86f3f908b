"""Early warning (domain 2.6, examples 21): who is about to leave, and why.

The own rhythm, the chance that a customer still buys, and the end of a tie raise a warning; what else is known stands
in it as a reason. A reason that is new updates it; it ends when nothing raises it any more: the customer bought, was
lost, or the tie went on.
Lengths and shares are those of the policy of worth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any, Self, TypeAlias
from uuid import UUID

from services.customers.early_warnings.domain.reasons import (
    HUNDREDTH,
    RAISING,
    EndingTie,
    Reason,
    Reasons,
    Signal,
    in_order,
    of_signals,
)
from services.customers.lifecycle.domain import Life, trend
from services.customers.losses.domain import Left
from services.customers.worth_policies.domain import WarningRules, WorthPolicy, WorthRules
from shared.contracts.customers import Tier
from shared.contracts.early_warnings import EndOfWarning, ReasonCode
from shared.months import Month


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning; `version` counts how often it was told. The policy of worth is the one that judged it last. `tier` is
    the best of the year that ended with the last purchase, `yearly` what it came to in CNY, unless a takeover brought
    the warning (`historical`).

    `raised_on` is the day on which what raises it first held, `since` the day since which it stands as told last:
    raised, with a new reason, or ended; `noticed_at` when that was noticed, where it was not on the day (`raised_at`
    and `ended_at` are such moments whenever).
    """

    id: UUID
    version: int
    customer_id: UUID
    raised_on: date
    raised_at: datetime
    reasons: Reasons
    ended_at: datetime | None = None
    ended_by: EndOfWarning | None = None
    policy_version: int | None = None
    policy_id: UUID | None = None
    tier: Tier | None = None
    yearly: Decimal | None = None
    historical: bool = False
    since: date | None = None
    noticed_at: datetime | None = None

    @property
    def unvalued(self) -> bool:
        """Whether it stands, and nobody has asked yet what the customer was worth."""
        return self.ended_at is None and self.tier is None and not self.historical

    def valued(self, left: Left | None, *, historical: bool) -> "Warned":
        """With what the customer was worth where that is known; what the past has raised stays without."""
        if not self.unvalued:
            return self
        if left is not None:
            return replace(self, tier=left.tier, yearly=left.yearly)
        return replace(self, historical=historical and self.version == 1)

    @classmethod
    def kept(
        cls, reasons: Mapping[ReasonCode, Mapping[str, Any]], tie: Mapping[str, Any] | None, **others: Any
    ) -> Self:
        """From its row, in which the tie that ends stands beside the reasons."""
        figures = {code: {**plain, **(tie or {})} if code == "tie" else plain for code, plain in reasons.items()}
        return cls(reasons=in_order(Reason.kept(code, plain) for code, plain in figures.items()), **others)

    def tie(self) -> dict[str, Any] | None:
        """Which tie it is that ends, as it is kept; None where that is no reason, or nobody said."""
        return next((each.tie() for each in self.reasons if each.tie_id is not None), None)


@dataclass(frozen=True, slots=True)
class ReadWarning(Warned):
    """A warning with the name of its customer; of a person there is none."""

    customer_name: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What says whether somebody is about to leave: the life, sums of months, what happened lately, when ties end."""

    customer_id: UUID
    life: Life
    sums: Mapping[Month, Decimal]
    signals: Sequence[Signal] = ()
    ties: Sequence[EndingTie] = ()
    unlikely_from: date | None = None
    """The day from which on it hardly buys any more, says the model; None where it says nothing."""
    alive: Decimal | None = None
    """The chance that it still buys, as of today."""


Course: TypeAlias = tuple[tuple[date, Known], ...]
"""The days from which on something may be other than before, each with what was known by then; the last is today."""


@dataclass(frozen=True, slots=True)
class Now:
    """When it is judged: the company's day, and the moment."""

    day: date
    at: datetime

    def noticed(self, since: date) -> datetime | None:
        """When it was noticed what holds since a day; None: on that very day."""
        return self.at if since < self.day else None


def warned_from(life: Life, rules: WarningRules) -> date | None:
    """The day on which the rhythm is well past; None for who never bought, or is lost."""
    if life.last_on is None or life.stage == "lost":
        return None
    if life.purchases < rules.rhythm_from or life.interval_days is None:
        return life.last_on + timedelta(days=rules.few_days)
    return life.last_on + timedelta(
        days=int((rules.times_interval * life.interval_days).to_integral_value(ROUND_CEILING))
    )


def next_on(known: Known, today: date, rules: WarningRules) -> date | None:
    """The next day on which time alone raises or ends a warning, or changes what a reason in it says: of who is silent
    for too long each day."""
    silent, others = _turning(known, rules)
    days = [*silent, *others]
    if any(day <= today for day in silent):
        days.append(today + timedelta(days=1))
    return min((day for day in days if day > today), default=None)


def turns_on(known: Known, day: date, rules: WarningRules) -> date:
    """The next day on which time alone raises or ends a warning, or gives it another reason: figures apart."""
    silent, others = _turning(known, rules)
    ends = Month(day.year, day.month).plus(1).first_day
    return min(each for each in (ends, known.life.lost_on, *silent, *others) if each is not None and each > day)


def _turning(known: Known, rules: WarningRules) -> tuple[list[date], list[date]]:
    """From when on it is silent for too long; when ties are soon to end and end, and when what happened is too old."""
    hardly = known.unlikely_from if known.life.stage != "lost" else None
    silent = [day for day in (warned_from(known.life, rules), hardly) if day is not None]
    others = [each.on + timedelta(days=rules.signal_days + 1) for each in known.signals]
    for tie in known.ties:
        others += [tie.ends_on - timedelta(days=rules.tie_days), tie.ends_on]
    return silent, others


def tellings(
    before: Warned | None, course: Course, policy: WorthPolicy, now: Now, new_id: Callable[[], UUID]
) -> tuple[list[Warned], list[Warned]]:
    """Warnings as they stand after the days of a course, and each way in which they came to be told, in order."""
    standing, told, kept = before, list[Warned](), dict[UUID, Warned]()
    for day, known in course:
        for each in judged(standing, known, policy, day, now, new_id):
            was = standing if standing is not None and standing.id == each.id else None
            if was is None or was.version != each.version:
                told.append(each)
            kept[each.id] = each
            standing = each if each.ended_by is None else None
    return [each for each in kept.values() if each != before], told


def judged(
    before: Warned | None, known: Known, policy: WorthPolicy, day: date, now: Now, new_id: Callable[[], UUID]
) -> list[Warned]:
    """The warning as it stood on a day, with one more telling where a reason is new; figures go with the day. One that
    ends with a purchase may be followed by another at once, such as of a tie that ends all the same."""
    by: dict[str, Any] = {"policy_version": policy.version, "policy_id": policy.id}
    found = _reasons(known, policy.rules, day, warned=before is not None)
    raising = [reason.code for reason in found if reason.code in RAISING]
    if before is None:
        if not raising:
            return []
        since = min(_held_from(code, known, policy.rules.warnings, day) for code in raising)
        by |= {"since": since, "noticed_at": now.noticed(since)}
        return [Warned(new_id(), 1, known.customer_id, since, now.at, found, **by)]
    told = replace(before, version=before.version + 1, since=day, noticed_at=now.noticed(day))
    if not raising or (known.life.last_on or before.raised_on) > before.raised_on:
        ended = replace(told, ended_at=now.at, ended_by=_end(before, known.life))
        return [ended, *judged(None, known, policy, day, now, new_id)]
    is_new = {reason.code for reason in found} - {reason.code for reason in before.reasons}
    return [replace(told if is_new else before, reasons=found, **by)]


def _held_from(code: ReasonCode, known: Known, rules: WarningRules, day: date) -> date:
    """Since when what raises a warning on a day has held. A tie may have been entered only now, so it holds since it
    was looked at."""
    from_ = {"interval": warned_from(known.life, rules), "alive": known.unlikely_from}.get(code)
    return day if from_ is None else from_


def _end(before: Warned, life: Life) -> EndOfWarning:
    if life.stage == "lost":
        return "lost"
    if life.last_on is None or life.last_on < before.raised_on:
        return "over"
    of_ties = all(reason.code == "tie" for reason in before.reasons if reason.code in RAISING)
    return "over" if of_ties and life.last_on == before.raised_on else "purchase"


def _reasons(known: Known, rules: WorthRules, today: date, *, warned: bool) -> Reasons:
    """What only stands beside others is looked at where there is a warning: nearly everybody has none."""
    life, running = known.life, Month(today.year, today.month)
    found: list[Reason] = []
    past = warned_from(life, rules.warnings)
    if past is not None and past <= today and life.last_on is not None:
        found.append(Reason("interval", days=(today - life.last_on).days, usual=life.interval_days))
    if known.unlikely_from is not None and known.unlikely_from <= today and life.stage != "lost":
        found.append(Reason("alive", share=known.alive))
    soon = [tie for tie in known.ties if today < tie.ends_on <= today + timedelta(days=rules.warnings.tie_days)]
    if soon:
        tie = min(soon, key=lambda each: (each.ends_on, each.id))
        found.append(Reason("tie", on=tie.ends_on, tie_id=tie.id, tie_kind=tie.kind, tie_source=tie.source))
    if not found and not warned:
        return ()
    change = trend(running.plus(-1), known.sums, rules.life)
    if change is not None and change <= rules.life.fallen_to:
        found.append(Reason("trend", change=(change - 1).quantize(HUNDREDTH, ROUND_HALF_UP)))
    return in_order((*found, *of_signals(known.signals, today - timedelta(days=rules.warnings.signal_days))))
