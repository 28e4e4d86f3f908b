"""What happened to a promise, as it is published."""

from datetime import datetime
from typing import Any, TypeVar

from services.complaints.commitments.domain import Commitment, CommitmentState, Confirmation
from shared.bus.event import Event
from shared.contracts.commitments import (
    CommitmentBroken,
    CommitmentCorrected,
    CommitmentFact,
    CommitmentKept,
    CommitmentMade,
    CommitmentWithdrawn,
)

F = TypeVar("F", bound=CommitmentFact)


def made(new: Commitment, now: datetime) -> Event:
    return told(CommitmentMade, new, new.made_at, now, outside_rules=new.outside_rules)


def kept(after: Commitment, at: datetime, now: datetime) -> Event:
    """That it was kept at a moment, in time or after it."""
    return told(CommitmentKept, after, at, now, late=after.state is CommitmentState.BROKEN)


def broken(after: Commitment, now: datetime) -> Event:
    """That its time is over: since its due moment, whenever that is noticed."""
    return told(CommitmentBroken, after, after.due_at, now)


def withdrawn(after: Commitment, now: datetime) -> Event:
    return told(CommitmentWithdrawn, after, now, now)


def corrected(before: Commitment, after: Commitment, now: datetime) -> Event:
    """What holds, whose it was taken for, and whether somebody is asked who was not asked before."""
    moved = after.staff_id != before.staff_id
    asked = after.confirmation is Confirmation.ASKED and (moved or before.confirmation is None)
    return told(
        CommitmentCorrected,
        after,
        now,
        now,
        state=after.state.value,
        fulfilled=after.fulfilled_at is not None,
        from_customer_id=before.customer_id if after.customer_id != before.customer_id else None,
        from_staff_id=before.staff_id if moved else None,
        asked=asked,
    )


def told(contract: type[F], of: Commitment, at: datetime, now: datetime, **details: Any) -> Event:
    """That something happened to a promise at a moment, at its new version; `details` are the contract's own fields."""
    fact = contract(
        commitment_id=of.id,
        customer_id=of.customer_id,
        complaint_id=of.complaint_id,
        staff_id=of.staff_id,
        code=of.code,
        due_at=of.due_at,
        at=at,
        **details,
    )
    return Event.of(fact, aggregate_id=of.id, version=of.version, at=now)
