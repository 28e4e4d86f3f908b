"""What happened to the ledger, as it is published."""

from datetime import datetime

from services.complaints.ledger.domain import LEDGER_ID, Booking, Ledger
from shared.bus.event import Event
from shared.contracts.responsibility import Booked, LedgerClosed
from shared.months import Month


def booked(booking: Booking) -> Booked:
    """A booking as events of what it rests on carry it."""
    return Booked(
        id=booking.id,
        kind=booking.kind,
        account=booking.account,
        fund_department_id=booking.department_id,
        person_id=booking.person_id,
        department_id=booking.person_department_id,
        supervisor_id=booking.supervisor_id,
        amount=booking.amount,
        month=str(Month.at(booking.month)),
        booked_at=booking.booked_at,
        reverses=booking.reverses,
    )


def closed(ledger: Ledger, month: Month, at: datetime) -> Event:
    return Event.of(LedgerClosed(month=str(month), at=at), aggregate_id=LEDGER_ID, version=ledger.version, at=at)
