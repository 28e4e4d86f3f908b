"""What is told of what was judged: each stage that was passed through, who is lost and who is back, and whether it is
history (decision 5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from services.customers.losses.domain import Gone, gone_since
from services.customers.worth.domain.judging import Judgement, Turn, Worth
from shared.months import Month


@dataclass(frozen=True, slots=True)
class Past:
    """What nobody is notified of: what lay in a month that is closed (the last `closed` one), or before the customer
    was registered, on a day."""

    closed: int = -1
    registered: Mapping[UUID, date] = field(default_factory=dict)

    def holds(self, customer_id: UUID, day: date | None) -> bool:
        if day is None:
            return False
        registered = self.registered.get(customer_id)
        return Month(day.year, day.month).ordinal <= self.closed or (registered is not None and day < registered)

    def of(self, days: Mapping[UUID, date]) -> set[UUID]:
        """Those of whom it holds a day, each with its own."""
        return {id_ for id_, day in days.items() if self.holds(id_, day)}


NOTHING_PAST: Final = Past()


def stages_told(of: Turn) -> list[tuple[Worth, Worth]]:
    """The stages into which a customer came since it was judged last, in order: from what it was to what it came to be,
    each under its own version; the last is that of today."""
    told: list[tuple[Worth, Worth]] = []
    was = of.before
    for stage, since in (*((each.stage, each.on) for each in of.passed), (of.after.stage, of.after.since)):
        if stage != was.stage:
            now = replace(of.after, stage=stage, since=since, version=was.version + 1)
            told.append((was, now))
            was = now
    return told


def looks_back(of: Judgement, today: date) -> bool:
    """Whether something may be told of it that held on a day before today."""
    if of.passed or len(of.course) > 1:
        return True
    return of.moved and of.after.since is not None and of.after.since < today


def is_history(marks: Mapping[UUID, Sequence[tuple[int | None, bool]]], customer_id: UUID, running: Month) -> bool:
    """Whether all that a judgement came of is history, or was entered into months that are over (decision 5)."""
    of = marks.get(customer_id, ())
    return bool(of) and all(_is_old(each, running) for each in of)


def rewrites(of: Sequence[tuple[int | None, bool]], running: Month) -> bool:
    """Whether anything that a judgement comes of wrote the past anew: that is not told step by step."""
    return any(_is_old(each, running) for each in of)


def _is_old(mark: tuple[int | None, bool], running: Month) -> bool:
    month, history = mark
    return history or (month is not None and month < running.ordinal)


def lost(judgements: Iterable[Turn]) -> dict[UUID, date]:
    """Who is lost as of now, or since another day than was found before; each with the day."""
    return {
        each.after.customer_id: each.after.since
        for each in judgements
        if each.after.stage == "lost" and each.after.since is not None and each.moved
    }


def still_lost(judgements: Iterable[Turn]) -> dict[UUID, date]:
    """Who is lost since the day that was found before."""
    return {
        each.after.customer_id: each.after.since
        for each in judgements
        if each.after.stage == "lost" and each.after.since is not None and not each.moved
    }


def back(judgements: Iterable[Judgement]) -> dict[UUID, Gone | None]:
    """Who was lost and has bought again, also who is lost anew by now: as it is known today since when it was lost and
    when it bought; None for who never was lost."""
    known = {
        each.after.customer_id: gone_since(each.before.since, each.life)
        for each in judgements
        if each.before.stage == "lost" and each.before.since
    }
    return {id_: gone for id_, gone in known.items() if gone is None or gone.returned_on is not None}


def lost_and_back(of: Turn) -> list[Gone]:
    """Each time that it was lost since it was judged last, and had bought again by now."""
    days = [*(each.on for each in of.passed[1:]), of.after.since]
    return [Gone(each.on, day) for each, day in zip(of.passed, days, strict=False) if each.stage == "lost"]
