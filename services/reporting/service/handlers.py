"""Service: fills touches from their events, and reports a month per role, person and department."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.reporting.context import Context
from services.reporting.service import store
from services.reporting.service.domain import Figures, PersonInRole, month_of_window, summed
from services.reporting.service.store import Kept
from shared import directory
from shared.bus.event import Event
from shared.contracts import care
from shared.contracts.care import TouchFact
from shared.db import Connection
from shared.directory import StaffMember
from shared.months import Month
from shared.reactions import latest


@dataclass(frozen=True, slots=True)
class MonthOfService:
    """Figures of a month with what is needed to name people."""

    people: dict[PersonInRole, Figures]
    staff: dict[UUID, StaffMember]
    departments: dict[UUID, str]

    @property
    def total(self) -> Figures:
        return sum(self.people.values(), Figures())

    @property
    def roles(self) -> dict[str, Figures]:
        return summed((person.role, figures) for person, figures in self.people.items())

    @property
    def by_department(self) -> dict[UUID | None, Figures]:
        return summed((person.department_id, figures) for person, figures in self.people.items())


def _task(fact: TouchFact) -> UUID:
    return fact.task_id


async def plan_touches(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(care.TouchPlanned) for event in events], _task)
    zone = context.runtime.zone
    await store.plan(
        transaction,
        [Kept(fact, "open", month_of_window(fact.due_at, zone), fact.due_at, fact.not_before) for fact in facts],
    )


async def finish_touches(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A touch that was never planned, such as a call out of the blue, counts when it was done."""
    facts = latest([event.read(care.TouchDone) for event in events], _task)
    zone = context.runtime.zone
    await store.settle(
        transaction,
        [Kept(f, "done", Month.of(f.at, zone), f.at, done_at=f.at, minutes=f.minutes) for f in facts],
    )


async def miss_touches(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(care.TouchMissed) for event in events], _task)
    zone = context.runtime.zone
    await store.settle(
        transaction,
        [Kept(f, "missed", month_of_window(f.due_at, zone), f.due_at, missed_at=f.at) for f in facts],
    )


async def drop_touches(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    facts = latest([event.read(care.TouchDropped) for event in events], _task)
    zone = context.runtime.zone
    await store.settle(transaction, [Kept(f, "dropped", Month.of(f.at, zone), f.at) for f in facts])


async def report_month(context: Context, month: Month, kind: str) -> MonthOfService:
    """What was met and missed of the touches of a kind whose window ends in the month."""
    async with context.database.connection() as reader:
        people = dict(await store.month_of(reader, month, kind))
        staff = await directory.staff(reader, [person.staff_id for person in people if person.staff_id])
        return MonthOfService(people, staff, await store.departments(reader))
