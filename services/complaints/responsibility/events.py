"""What happened to a penalty, as it is published."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.ledger.domain import Booking
from services.complaints.ledger.events import booked as as_booked
from services.complaints.responsibility.domain.penalties import Penalty, PenaltyState
from services.complaints.responsibility.domain.shares import PayerShare
from shared.bus.event import Event
from shared.contracts.responsibility import (
    PenaltyAppealed,
    PenaltyBooked,
    PenaltyDecided,
    PenaltyFact,
    PenaltyProposed,
    PenaltyReversed,
    PenaltyWaived,
    PenaltyWithdrawn,
    Share,
)
from shared.months import Month


def of(penalty: Penalty, now: datetime, shares: Sequence[PayerShare], taken_back: Sequence[Booking]) -> Iterator[Event]:
    """The event of a penalty in its new state and version."""
    fact = _fact(penalty, now, shares, taken_back)
    yield Event.of(fact, aggregate_id=penalty.id, version=penalty.version, at=now)


def booked(penalty: Penalty, bookings: Sequence[Booking], now: datetime) -> Event:
    fact = PenaltyBooked(**_common(penalty, now), bookings=[as_booked(each) for each in bookings])
    return Event.of(fact, aggregate_id=penalty.id, version=penalty.version, at=now)


def _fact(penalty: Penalty, now: datetime, shares: Sequence[PayerShare], taken_back: Sequence[Booking]) -> PenaltyFact:
    common = _common(penalty, now)
    match penalty.state:
        case PenaltyState.WITHDRAWN if penalty.reason is not None:
            return PenaltyWithdrawn(**common, reason=penalty.reason, person_ids=_told(penalty, shares))
        case PenaltyState.REVERSED if penalty.reason is not None:
            return PenaltyReversed(
                **common,
                reason=penalty.reason,
                bookings=[as_booked(each) for each in taken_back],
                person_ids=_told(penalty, shares),
            )
        case PenaltyState.DECIDED if penalty.decided_by is not None:
            return PenaltyDecided(
                **common,
                amount=penalty.amount,
                shares=[_share(each) for each in shares],
                by=penalty.decided_by,
                appeal_until=penalty.appeal_until,
                on_appeal=penalty.on_appeal,
            )
        case PenaltyState.WAIVED if penalty.decided_by is not None:
            return PenaltyWaived(
                **common, by=penalty.decided_by, on_appeal=penalty.on_appeal, person_ids=_told(penalty, shares)
            )
        case PenaltyState.APPEALED if penalty.appealed_by is not None:
            return PenaltyAppealed(**common, by=penalty.appealed_by)
    return PenaltyProposed(
        **{**common, "at": penalty.at},
        amount=penalty.amount,
        person_id=penalty.person_id,
        department_id=penalty.department_id,
        month=str(Month.at(penalty.month)),
        policy_version=penalty.policy_version,
    )


def _common(penalty: Penalty, now: datetime) -> dict[str, Any]:
    return {
        "penalty_id": penalty.id,
        "complaint_id": penalty.complaint_id,
        "task_id": penalty.task_id,
        "fund_department_id": penalty.fund_id,
        "round": penalty.round,
        "rule": penalty.rule,
        "at": now,
    }


def _told(penalty: Penalty, shares: Sequence[PayerShare]) -> list[UUID]:
    """Who has heard of it: who pays a part of what was decided, whom a proposal was against."""
    if shares:
        return [share.staff_id for share in shares]
    return [penalty.person_id] if penalty.person_id is not None else []


def _share(share: PayerShare) -> Share:
    return Share(
        person_id=share.staff_id,
        department_id=share.department_id,
        supervisor_id=share.supervisor_id,
        amount=share.amount,
    )
