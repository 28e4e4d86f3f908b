"""Recording a case: what is given, what may be, and how it is named (domain 3.1, decisions 15 and 19)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.cases.domain import NOTHING_ELSE, Details, TimeNotAllowed, Words
from services.complaints.response_clocks.domain.clock import ResponseClock
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.policies import ClockPolicy
from shared.contracts.complaints import CaseKind
from shared.contracts.customers import Tier
from shared.errors import Forbidden, Invalid
from shared.phones import is_mobile

TAKERS: Final = frozenset({"cs_specialist", "cs_manager"})
"""The roles of customer service."""
EARLIEST: Final = 1970
"""Year before which nothing is taken over."""


class NobodyComplains(Invalid):
    slug = "complainant-missing"
    title = "It is not said who complains"


class UnknownAgainst(Invalid):
    """The id of a thing that the directory does not name, or of a kind whose ids complaints cannot know."""

    slug = "unknown-against"
    title = "It is not known whose id this is"


class ReplyNotPossible(Invalid):
    slug = "reply-not-possible"
    title = "The complainant cannot be told so"


class TakeoverNotAllowed(Forbidden):
    slug = "takeover-not-allowed"
    title = "Only administration takes over old cases"


NAMED: Final = ("brand", "store")
"""What a case may be against that the directory names, beside people and departments."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be recorded. `recorded_at` before `registered_at` makes it taken over."""

    id: UUID
    customer_id: UUID | None
    kind: CaseKind
    subject: str
    channel: str
    against_type: str | None
    against_id: UUID | None
    words: Words
    purchase_id: UUID | None
    happened_at: datetime | None
    recorded_at: datetime
    registered_at: datetime
    recorded_by: UUID
    details: Details = NOTHING_ELSE
    touch_id: UUID | None = None
    """The visit in which a silent dissatisfaction was found (decision 22e)."""
    batch: str | None = None
    """Of the product, as it stands on the pack, folded as identifiers are."""
    accepted_by: UUID | None = None
    """Whoever of customer service records a case has taken it (decision 22e)."""

    @property
    def accepted_at(self) -> datetime | None:
        return self.recorded_at if self.accepted_by is not None else None

    @property
    def taken_over(self) -> bool:
        return self.recorded_at < self.registered_at

    @property
    def has_first_reply(self) -> bool:
        """Old cases are silent (decision 15), and colleagues are not written to as customers are."""
        return not self.taken_over and self.kind != "internal"

    def check_complainant(self) -> None:
        """Raises NobodyComplains."""
        if self.customer_id is None and self.words.complainant is None and self.kind != "internal":
            raise NobodyComplains("give customer_id, or complainant with name and contact", pointer="#/complainant")

    def check_reply(self) -> None:
        """Raises ReplyNotPossible: a landline takes no short messages, and a phone no e-mail."""
        wished, complainant = self.details.reply_by, self.words.complainant
        if wished is None or complainant is None:
            return
        contact = complainant["contact"]
        possible = {
            "sms": "@" not in contact and is_mobile(contact),
            "email": "@" in contact,
            "phone": "@" not in contact,
        }
        if not possible[wished]:
            raise ReplyNotPossible("the contact that is given does not take this", pointer="#/reply_by")

    def clock(self, policy: ClockPolicy, calendar: Calendar | None) -> ResponseClock:
        """The clock it would start with."""
        silent_until = self.registered_at if self.taken_over else None
        return ResponseClock(
            self.recorded_at,
            policy.answer_within,
            silent_until=silent_until,
            calendar=calendar,
            levels=policy.levels,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What the complainant is told at once: heard, number, answer until then (domain 3.2)."""

    id: UUID
    number: str
    tier: Tier | None
    answer_due_at: datetime


def number_day(recorded_at: datetime, zone: ZoneInfo) -> str:
    """The part of a case's number that says its day, in the company's zone: C20261104-000123."""
    return recorded_at.astimezone(zone).date().isoformat().replace("-", "")  # a fifth of what strftime takes


def check_recording(recorded_at: datetime | None, now: datetime, *, may_take_over: bool) -> datetime:
    """The moment of recording; raises for the future, for absurd ones, and for who may not take over."""
    if recorded_at is None:
        return now
    if not may_take_over:
        raise TakeoverNotAllowed("leave recorded_at out: only administration takes over old cases")
    if recorded_at > now or recorded_at.year < EARLIEST:
        raise TimeNotAllowed(f"recorded_at lies in the past, not before {EARLIEST}", pointer="#/recorded_at")
    return recorded_at


def check_happening(happened_at: datetime | None, recorded_at: datetime) -> None:
    """What is complained of has happened before it is recorded."""
    if happened_at is not None and (happened_at > recorded_at or happened_at.year < EARLIEST):
        raise TimeNotAllowed(f"happened_at lies before the recording, not before {EARLIEST}", pointer="#/happened_at")


def takes_what_it_records(roles: Collection[str], recorded_at: datetime, now: datetime) -> bool:
    """Whether recording is accepting too: for customer service, of what is not taken over (decision 22e)."""
    return recorded_at >= now and not TAKERS.isdisjoint(roles)


def check_buying(bought_on: date | None, recorded_at: datetime, zone: ZoneInfo) -> None:
    """What is complained of was bought on a day of the company's calendar that has come."""
    if bought_on is not None and not date(EARLIEST, 1, 1) <= bought_on <= recorded_at.astimezone(zone).date():
        raise TimeNotAllowed(f"bought_on is a day before the recording, not before {EARLIEST}", pointer="#/bought_on")
