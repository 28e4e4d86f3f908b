"""The ledger: made of bookings alone (decision 22b), each entered once, in whatever order they come."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.ledger import store
from services.reporting.ledger.domain import AfterClose
from shared.bus.event import Event
from shared.contracts import responsibility
from shared.db import Connection
from shared.months import Month
from shared.telemetry import log


async def on_penalty_booked(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _enter(transaction, [event.read(responsibility.PenaltyBooked) for event in events])


async def on_penalty_reversed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """What was never booked is reversed without a booking."""
    await _enter(transaction, [event.read(responsibility.PenaltyReversed) for event in events])


async def on_reward_granted(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _enter(transaction, [event.read(responsibility.RewardGranted) for event in events])


async def on_reward_reversed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _enter(transaction, [event.read(responsibility.RewardReversed) for event in events])


async def on_fund_withdrawn(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _enter(transaction, [event.read(responsibility.FundWithdrawn) for event in events])


async def on_fund_withdrawal_reversed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _enter(transaction, [event.read(responsibility.FundWithdrawalReversed) for event in events])


async def on_fault_cost_booked(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await _enter(transaction, [event.read(responsibility.FaultCostBooked) for event in events])


async def on_ledger_closed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A month is frozen. Events of other keys may come late: what was booked before the close counts all the same."""
    _tell(await store.close(transaction, [event.read(responsibility.LedgerClosed) for event in events]))


async def _enter(transaction: Connection, facts: Sequence[store.Booking]) -> None:
    _tell(await store.enter(transaction, facts))


def _tell(late: Sequence[AfterClose]) -> None:
    """Somebody is to look: complaints books into no month that it has closed."""
    for each in late:
        log("ledger").error(
            "a booking came into a closed month", booking_id=str(each.id), month=str(Month.at(each.month))
        )
