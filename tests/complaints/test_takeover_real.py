"""Four years of a real help desk, taken over with their times: who was late equals what the file itself says."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bench.takeover import late, take_over, tickets_in
from shared.contracts.complaints import ComplaintEscalated, ComplaintOpened, ComplaintWarned
from shared.contracts.customers import CustomerRegistered
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.real_data import real_data
from tests.support import one_service

NOW = datetime(2026, 11, 4, 1, tzinfo=UTC)


def late_by_the_file(file: Path) -> set[str]:
    """The four-hour rule over the bare lines: adds up what ran between the events until something answered.

    Independent of everything else here: no clock, no pauses as intervals, only seconds that pass.
    """
    ran: dict[str, timedelta] = {}
    last: dict[str, tuple[datetime, str]] = {}
    answered: dict[str, bool] = {}
    for line in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        ticket, activity, at = line["case"], line["activity"], datetime.fromisoformat(line["time"])
        if ticket not in last:
            ran[ticket] = timedelta()
            answered[ticket] = activity in ("Resolve ticket", "RESOLVED", "Closed")
        elif not answered[ticket]:
            before, what = last[ticket]
            if what != "Wait" or ran[ticket] >= timedelta(hours=4):
                ran[ticket] += at - before
            answered[ticket] = activity in ("Take in charge ticket", "Resolve ticket", "RESOLVED", "Closed")
        last[ticket] = (at, activity)
    forever = {ticket for ticket in ran if not answered[ticket] and last[ticket][1] != "Wait"}
    return {ticket for ticket in ran if ran[ticket] >= timedelta(hours=4)} | forever


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_who_was_late_is_who_the_file_says(fresh_database: FreshDatabase) -> None:
    file = real_data("tickets-helpdesk.csv")
    tickets = tickets_in(file)
    assert len(tickets) == 4_580
    async with one_service(fresh_database, "complaints", start=NOW) as complaints:
        customers = {ticket.customer: new_id() for ticket in tickets}
        await complaints.given(*(_registered(id_) for id_ in customers.values()))

        taken = await take_over(complaints.http, tickets, customers)

        overdue = await late(complaints.http)
        assert {number for number, id_ in taken.items() if overdue[id_]} == late_by_the_file(file)
        assert len(overdue) == len(taken) == 4_580
        assert await complaints.run_loops() == 0, "nothing of the past is told"
        assert await complaints.events(ComplaintWarned, ComplaintEscalated) == []
        assert all(event.historical for event in await complaints.events(ComplaintOpened))


def _registered(id_: UUID) -> CustomerRegistered:
    return CustomerRegistered(customer_id=id_, kind="store", tier="C", registered_at=NOW)
