"""What is published of batches. Many buyers are told of in several events, all of one version of the batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.complaints.adverse_reactions.domain import SafetyPolicy
from services.complaints.batches.domain import Batch, Span
from shared.bus.event import Event
from shared.contracts.safety import BatchAlarmed, BatchExtended, BatchFact, BatchLifted, BatchRecorded

AT_ONCE: Final = 500
"""Buyers that one event names at most."""


def alarmed(
    batch: Batch, span: Span, cases: int, customer_ids: Sequence[UUID], policy: SafetyPolicy, at: datetime
) -> list[Event]:
    """That its alarm was raised, with everybody who bought it."""
    fact = BatchAlarmed(
        **_about(batch, at),
        cases=cases,
        first_on=span.first_on,
        last_on=span.last_on,
        customers=len(customer_ids),
        customer_ids=list(customer_ids[:AT_ONCE]),
        policy_version=policy.version,
    )
    return [_event(batch, fact, at), *_buyers(batch, cases, customer_ids[AT_ONCE:], at)]


def extended(
    batch: Batch, complaint_ids: Sequence[UUID], cases: int, customer_ids: Sequence[UUID], at: datetime
) -> list[Event]:
    """Further cases of a batch whose alarm stands, and buyers of whom it has not told."""
    added = [
        _event(batch, BatchExtended(**_about(batch, at), complaint_id=each, cases=cases), at) for each in complaint_ids
    ]
    return [*added, *_buyers(batch, cases, customer_ids, at)]


def recorded(batch: Batch, at: datetime) -> Event:
    """What administration says of it now."""
    fact = BatchRecorded(
        **_about(batch, at),
        made_on=batch.made_on,
        expires_on=batch.expires_on,
        sale_stopped_at=batch.sale_stopped_at,
    )
    return _event(batch, fact, at)


def lifted(batch: Batch, at: datetime) -> Event:
    return _event(batch, BatchLifted(**_about(batch, at)), at)


def _buyers(batch: Batch, cases: int, customer_ids: Sequence[UUID], at: datetime) -> list[Event]:
    return [
        _event(batch, BatchExtended(**_about(batch, at), cases=cases, customer_ids=list(some)), at)
        for some in (customer_ids[first : first + AT_ONCE] for first in range(0, len(customer_ids), AT_ONCE))
    ]


def _about(batch: Batch, at: datetime) -> dict[str, Any]:
    return {"batch_id": batch.id, "product": batch.product, "batch": batch.batch, "alarm": batch.alarm, "at": at}


def _event(batch: Batch, fact: BatchFact, at: datetime) -> Event:
    return Event.of(fact, aggregate_id=batch.id, version=batch.version, at=at)
