"""What was said of a promise outside the rules, as it is published: never its words."""

from datetime import datetime
from uuid import UUID

from services.complaints.commitments.domain import Commitment
from services.complaints.commitments.events import told
from shared.bus.event import Event
from shared.contracts.commitments import (
    CommitmentConfirmed,
    CommitmentDenied,
    CommitmentInsisted,
    CommitmentUnderstandingFailed,
    CommitmentUnderstandingReached,
)


def confirmed(after: Commitment, by: UUID, now: datetime) -> Event:
    return told(CommitmentConfirmed, after, now, now, by=by)


def denied(after: Commitment, by: UUID, now: datetime) -> Event:
    return told(CommitmentDenied, after, now, now, by=by)


def insisted(after: Commitment, now: datetime) -> Event:
    """That an understanding is due, by whom and until when."""
    return told(
        CommitmentInsisted,
        after,
        now,
        now,
        deadline=after.understanding_due_at,
        supervisor_id=after.supervisor_id,
    )


def reached(after: Commitment, by: UUID, now: datetime) -> Event:
    return told(CommitmentUnderstandingReached, after, now, now, by=by)


def failed(after: Commitment, at: datetime, now: datetime, *, lapsed: bool) -> Event:
    """That no understanding was reached: since a moment, whenever that is noticed."""
    return told(CommitmentUnderstandingFailed, after, at, now, lapsed=lapsed)
