"""What is published of faults: that one was noticed, and what was booked because of it."""

from collections.abc import Sequence
from datetime import datetime

from services.complaints.cases.domain import Case
from services.complaints.cases.events import fact_of
from services.complaints.faults.domain import FaultNotice
from services.complaints.ledger.domain import Booking
from services.complaints.ledger.events import booked as as_booked
from shared.bus.event import Event
from shared.contracts.internal import ComplaintFaultNoticed
from shared.contracts.responsibility import FaultCostBooked


def noticed(case: Case, notice: FaultNotice, instead_of: str | None = None) -> ComplaintFaultNoticed:
    """That a notice of fault went out, in the place of one that was withdrawn where it is not the first."""
    return fact_of(
        ComplaintFaultNoticed,
        case,
        notice.issued_at,
        number=notice.number,
        to_id=notice.to_id,
        commitment_id=notice.commitment_id,
        instead_of=instead_of,
    )


def booked(notice: FaultNotice, bookings: Sequence[Booking], now: datetime) -> Event:
    """What was booked of a cost, or against it."""
    fact = FaultCostBooked(
        internal_id=notice.internal_id,
        complaint_id=notice.complaint_id,
        at=now,
        bookings=[as_booked(each) for each in bookings],
    )
    return Event.of(fact, aggregate_id=notice.internal_id, version=notice.version, at=now)
