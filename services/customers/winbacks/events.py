"""What is published of winning back."""

from datetime import datetime

from services.customers.winbacks.domain import Winback
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.winbacks import WinbackEnded, WinbackOffered, WinbackOpened


def opened(case: Winback) -> Event:
    """That somebody is to be won back, by when what is done."""
    fact = WinbackOpened.model_validate(
        {
            "winback_id": case.id,
            "at": case.opened_at,
            **{name: getattr(case, name) for name in _TOLD},
        }
    )
    return _of(case, fact, case.opened_at)


_TOLD = (
    "customer_id", "tier", "kind", "cause", "assignee_id", "call_due_at", "visit_due_at", "message_due_at", "deadline",
    "loss_id",
)  # fmt: skip


def offered(case: Winback, at: datetime) -> Event:
    """How what is offered stands."""
    fact = WinbackOffered.model_validate(
        {
            "customer_id": case.customer_id,
            "winback_id": case.id,
            "amount": case.offer,
            "state": str(case.offer_state),
            "at": at,
        }
    )
    return _of(case, fact, at)


def ended(case: Winback) -> Event:
    """What came of a case that has ended, also where that was put right."""
    at = case.corrected_at or case.ended_at or case.opened_at
    fact = WinbackEnded.model_validate(
        {
            "customer_id": case.customer_id,
            "winback_id": case.id,
            "outcome": case.outcome,
            "observed_until": case.observed_until,
            "means": case.means if case.outcome == "dismissed" else None,
            "corrected_from": case.corrected_from,
            "at": at,
        }
    )
    return _of(case, fact, at)


def _of(case: Winback, fact: Fact, at: datetime) -> Event:
    return Event.of(fact, aggregate_id=case.id, version=case.version, at=at)
