"""Batches of products, and when one is alarmed (domain 3.8, examples 15)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from services.complaints.adverse_reactions.domain import Goods, SafetyPolicy
from shared.errors import Conflict, Invalid, NotFound


class BatchNotFound(NotFound):
    slug = "batch-not-found"
    title = "There is no such batch"


class BatchRecorded(Conflict):
    slug = "batch-recorded"
    title = "This batch has been recorded already"


class BatchDays(Invalid):
    slug = "batch-days"
    title = "A batch is not made after it expires, nor in the future"


class NoAlarm(Conflict):
    slug = "no-alarm"
    title = "No alarm of this batch stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch of a product.

    `alarm` counts its alarms; the last stands from `alarmed_at` on until it is lifted. `recorded_at` is when
    administration recorded it, None where a case alone has named it; `sale_stopped_at` since when it is not sold.
    """

    id: UUID
    version: int
    product: str | None
    batch: str
    product_key: str
    batch_key: str
    made_on: date | None
    expires_on: date | None
    sale_stopped_at: datetime | None
    recorded_at: datetime | None
    recorded_by: UUID | None
    alarm: int
    alarmed_at: datetime | None
    policy_version: int | None
    lifted_at: datetime | None
    lifted_by: UUID | None

    @property
    def goods(self) -> Goods:
        return Goods(self.product_key, self.batch_key)

    @property
    def alarmed(self) -> bool:
        """Whether an alarm of it stands."""
        return self.alarmed_at is not None and self.lifted_at is None

    def raised(self, policy_version: int, now: datetime) -> "Batch":
        """With a new alarm."""
        return replace(
            self,
            version=self.version + 1,
            alarm=self.alarm + 1,
            alarmed_at=now,
            policy_version=policy_version,
            lifted_at=None,
            lifted_by=None,
        )

    def lifted(self, by: UUID, now: datetime) -> "Batch":
        """Raises NoAlarm."""
        if not self.alarmed:
            raise NoAlarm("there is nothing to lift")
        return replace(self, version=self.version + 1, lifted_at=now, lifted_by=by)

    def recorded(self, new: "NewBatch", by: UUID, now: datetime) -> "Batch":
        """With what administration records of it. Raises BatchRecorded the second time."""
        if self.recorded_at is not None:
            raise BatchRecorded(f"it stands under the id {self.id}; change that one")
        return replace(
            self,
            version=self.version + 1,
            product=new.product,
            made_on=new.made_on,
            expires_on=new.expires_on,
            sale_stopped_at=now if new.sale_stopped else self.sale_stopped_at,
            recorded_at=now,
            recorded_by=by,
        )

    def changed(self, patch: "BatchPatch", now: datetime) -> "Batch":
        """With what is right of it."""
        stopped_at = self.sale_stopped_at
        if patch.sale_stopped is not None:
            stopped_at = (stopped_at or now) if patch.sale_stopped else None
        return replace(
            self,
            version=self.version + 1,
            made_on=patch.made_on if patch.made_on is not None else self.made_on,
            expires_on=patch.expires_on if patch.expires_on is not None else self.expires_on,
            sale_stopped_at=stopped_at,
        )

    def check_days(self, today: date) -> None:
        """Raises BatchDays."""
        if self.made_on is not None and self.made_on > today:
            raise BatchDays("it was made already: give a day that has come", pointer="#/made_on")
        if self.made_on is not None and self.expires_on is not None and self.expires_on <= self.made_on:
            raise BatchDays("it expires after it was made", pointer="#/expires_on")


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch as administration records it."""

    product: str
    batch: str
    made_on: date | None
    expires_on: date | None
    sale_stopped: bool


@dataclass(frozen=True, slots=True)
class BatchPatch:
    """What is right of a batch; None leaves what stands."""

    made_on: date | None = None
    expires_on: date | None = None
    sale_stopped: bool | None = None


class Span(NamedTuple):
    """The days of the first and the last of the reactions that raise an alarm."""

    first_on: date
    last_on: date


def alarm_in(days: Sequence[date], policy: SafetyPolicy) -> Span | None:
    """The latest reactions, by their days in order, that raise an alarm: so many with at most so many days between the
    first and the last of them; None where there are none."""
    spans = (
        Span(first, last)
        for first, last in zip(days, days[policy.reactions - 1 :], strict=False)
        if (last - first).days <= policy.days
    )
    return max(spans, key=lambda span: span.last_on, default=None)
