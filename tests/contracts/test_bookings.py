"""Reporting enters whatever tells of bookings, or its ledger would not be that of complaints."""

from services.reporting.reactions import REACTIONS
from shared.contracts import responsibility
from tests.contracts.samples import facts


def test_whatever_tells_of_bookings_is_entered_and_nothing_else_of_money_is_heard() -> None:
    """The topic tells of colleagues: timelines and the live page hear none of it (decision 22b)."""
    money = [fact for fact in facts() if fact.TOPIC == responsibility.RESPONSIBILITY]
    heard = {fact.TYPE for fact in money if "bookings" in fact.model_fields} | {responsibility.LedgerClosed.TYPE}
    assert {fact.TYPE for fact in money} & REACTIONS.keys() == heard
