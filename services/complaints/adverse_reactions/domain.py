"""Adverse reactions to products, and until when the authority must hear of them (domain 3.8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, get_args
from uuid import UUID

from shared.contracts.safety import Severity
from shared.errors import Conflict, Invalid

MOST_SYMPTOMS: Final = 20
BY_SEVERITY: Final[tuple[Severity, ...]] = get_args(Severity)
"""The mildest first."""
MILDEST: Final[Severity] = "mild"
"""Of a reaction of which nobody has said how bad it is."""


class UnknownSymptom(Invalid):
    slug = "unknown-symptom"
    title = "This code is not in the table of symptoms"


class ReactionDay(Invalid):
    slug = "reaction-day"
    title = "The reaction cannot have been on this day"


class NoAdverseReaction(Conflict):
    slug = "no-adverse-reaction"
    title = "The case tells of no adverse reaction"


class ReportTime(Invalid):
    slug = "report-time"
    title = "The authority cannot have been told then"


class SafetyReported(Conflict):
    slug = "safety-reported"
    title = "The authority has been told already"


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a reaction shows; one that is out of use stays with the cases that have it."""

    code: str
    version: int
    name_en: str
    name_zh: str
    active: bool


@dataclass(frozen=True, slots=True)
class SafetyPolicy:
    """A version of when a batch is alarmed, and how long the authority may wait.

    So many `reactions` to one batch with at most `days` between the first and the last of them alarm it; warned is
    whoever bought of it within `buyers_within_days`. `report_days` is how many days a report may take by how bad the
    reaction is; after `warn_percent` of them administration is warned.
    """

    version: int
    reactions: int
    days: int
    buyers_within_days: int
    report_days: Mapping[str, int]
    warn_percent: int

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "SafetyPolicy":
        return cls(version, **definition)

    def allowed(self, severity: Severity) -> timedelta:
        """How long the report of such a reaction may take."""
        return timedelta(days=self.report_days[severity])


class Goods(NamedTuple):
    """A batch of a product, by what they are compared with; an empty product: nobody has said which."""

    product_key: str
    batch_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseReaction:
    """The adverse reaction of a case, as it is counted and reported.

    `counts` unless the case was judged not valid or malicious; it is `settled` once an alarm that it was part of was
    lifted, and `silent` where it lies before a takeover. `known_at` is since when it is known that there is one, from
    which the time to report counts however bad it turns out; `reported_at` when the authority was told.
    """

    complaint_id: UUID
    number: str
    customer_id: UUID | None
    severity: Severity
    product: str | None
    batch: str | None
    product_key: str
    batch_key: str | None
    reacted_on: date
    counts: bool
    silent: bool
    settled: bool
    known_at: datetime
    report_due_at: datetime
    policy_version: int
    warn_at: datetime
    warned_at: datetime | None
    missed_at: datetime | None
    reported_at: datetime | None
    reported_by: UUID | None
    report_no: str | None

    @property
    def goods(self) -> Goods | None:
        return Goods(self.product_key, self.batch_key) if self.batch_key is not None else None

    @property
    def alarming(self) -> Goods | None:
        """The batch to which it adds, if it adds to any."""
        return self.goods if self.counts and not self.settled else None

    @property
    def next_at(self) -> datetime | None:
        """When the next is told of its report: the warning, then the miss; None when nothing more is."""
        if not self.counts or self.silent or self.reported_at is not None or self.missed_at is not None:
            return None
        return self.report_due_at if self.warned_at is not None else self.warn_at

    @property
    def warn_percent(self) -> int:
        """How much of the time to report it has passed when it is warned of."""
        return round(100 * (self.warn_at - self.known_at) / (self.report_due_at - self.known_at))

    def due_as(self, severity: Severity, policy: SafetyPolicy, said_at: datetime) -> datetime:
        """Until when the authority must hear of it once it is said to be so bad, counted from when it was first known.

        Worse, it is never later than it stood, be that over by now. Milder, it may be later, unless it was over when
        that was said: what was missed stays so. What the authority has heard of is not judged by what is known since.
        """
        if self.reported_at is not None:
            return self.report_due_at
        due_at = self.known_at + policy.allowed(severity)
        if BY_SEVERITY.index(severity) > BY_SEVERITY.index(self.severity):
            return min(due_at, self.report_due_at)
        over = self.missed_at is not None or self.report_due_at <= said_at
        return self.report_due_at if over else max(due_at, self.report_due_at)

    def advanced(self, now: datetime) -> "AdverseReaction":
        """What is due of it at `now`: warned of, or missed, at its own moment however late this is."""
        if self.next_at is None or self.next_at > now:
            return self
        if self.report_due_at <= now:
            return replace(self, warned_at=self.warned_at or self.warn_at, missed_at=self.report_due_at)
        return replace(self, warned_at=self.warn_at)

    def reported(self, at: datetime, report_no: str | None, by: UUID, now: datetime) -> "AdverseReaction":
        """Raises ReportTime for a moment before the reaction was known, or in the future.

        Told in time, and entered later, it was not missed after all.
        """
        if not self.known_at <= at <= now:
            raise ReportTime("give a moment after the reaction was known, and not in the future", pointer="#/at")
        missed = self.report_due_at if at >= self.report_due_at and not self.silent else None
        return replace(self, reported_at=at, reported_by=by, report_no=report_no, missed_at=missed)


@dataclass(frozen=True, slots=True)
class ReactionSaid:
    """What is said of a reaction; a `severity` of None with symptoms means the mildest, without any that it is none."""

    product: str | None
    batch: str | None
    symptoms: tuple[str, ...]
    severity: Severity | None
    reaction_on: date | None

    @property
    def judged(self) -> Severity | None:
        """How bad it is, as far as is known."""
        return severity_of(self.severity, self.symptoms)


def severity_of(severity: Severity | None, symptoms: tuple[str, ...]) -> Severity | None:
    """How bad what is said is: symptoms of which nobody says so are mild ones; without any it is no reaction."""
    return severity or (MILDEST if symptoms else None)


def check_day(reaction_on: date | None, latest: date) -> None:
    """Raises ReactionDay: nobody reacts after the day on which that is said, nor half a life before."""
    if reaction_on is not None and not date(latest.year - 30, 1, 1) <= reaction_on <= latest:
        raise ReactionDay("give a day that has come; leave it out where nobody knows", pointer="#/reaction_on")


def product_among(said: str, explicit: bool, known: frozenset[str]) -> str:
    """Which product a batch is of, by its key: what is said, if that is known to have such a batch or was said as the
    batch's product; else the only one that is known to have it."""
    if said in known or (explicit and said):
        return said
    return next(iter(known)) if len(known) == 1 else said
