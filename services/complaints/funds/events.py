"""What left a fund, as it is published."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from services.complaints.funds.domain import Withdrawal
from services.complaints.ledger.domain import Booking
from services.complaints.ledger.events import booked as as_booked
from shared.bus.event import Event
from shared.contracts.responsibility import FundWithdrawalReversed, FundWithdrawn

F = TypeVar("F", FundWithdrawn, FundWithdrawalReversed)


def taken_out(withdrawal: Withdrawal, bookings: Sequence[Booking], at: datetime) -> Event:
    return _event(FundWithdrawn, withdrawal, bookings, at)


def put_back(withdrawal: Withdrawal, bookings: Sequence[Booking], at: datetime) -> Event:
    return _event(FundWithdrawalReversed, withdrawal, bookings, at)


def _event(contract: type[F], of: Withdrawal, bookings: Sequence[Booking], at: datetime) -> Event:
    fact = contract(
        withdrawal_id=of.id, department_id=of.department_id, at=at, bookings=[as_booked(each) for each in bookings]
    )
    return Event.of(fact, aggregate_id=of.id, version=of.version, at=at)
