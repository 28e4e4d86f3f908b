"""Reading payrolls: closed ones as they were handed over, others as the ledger and the wages stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, select

from services.complaints.company import store as company
from services.complaints.context import Context
from services.complaints.ledger import store as ledger
from services.complaints.payroll.domain import figures
from services.complaints.payroll.domain.figures import Charge, Item, Line, Signature
from services.complaints.payroll.domain.payroll import (
    Payroll,
    PayrollLine,
    PayrollNotFound,
    PayrollState,
    SharePolicy,
    StatementNotFound,
    Wage,
    share_at,
    wage_in,
)
from services.complaints.payroll.domain.sheets import Wall, sheet_of
from services.complaints.payroll.store import payrolls, wages
from services.complaints.payroll.store.payrolls import BEFORE_EVERY_MONTH
from services.complaints.policies.store import below
from services.complaints.printing.queries import head_of
from shared import directory
from shared.directory_schema import DEPARTMENT, STAFF
from shared.languages import Language, language_of
from shared.money import ZERO
from shared.months import Month
from shared.paper.sheet import LetterSheet
from shared.statement import Reader, Statement, any_given

EVERY_VERSION: Final = 2**31 - 1
MOST_VERSIONS: Final = 1_000
_PEOPLE: Final = Statement(
    select(
        STAFF.c.id,
        STAFF.c.name,
        STAFF.c.department_id,
        DEPARTMENT.c.name.label("department_name"),
        STAFF.c.active.label("at_work"),
    )
    .outerjoin_from(STAFF, DEPARTMENT, DEPARTMENT.c.id == STAFF.c.department_id)
    .where(STAFF.c.id == any_given("ids", Uuid))
)


@dataclass(frozen=True, slots=True)
class PersonStatement:
    """A person's statement of a month: their line, whether it can be signed, and whether that was done."""

    line: Line
    final: bool
    signature: Signature
    signed_at: datetime | None


async def lines_through(
    reader: Reader, context: Context, through: int, person_id: UUID | None = None
) -> dict[UUID, list[Line]]:
    """By person their lines of every month after the last one that was handed over, through another; of everybody, or
    of one person. Bookings of handed-over months are never looked at again."""
    closed = await payrolls.closed_through(reader)
    carried: dict[UUID, Decimal] = {}
    if closed is not None:
        last = await payrolls.handed_over(reader, context.wages, closed, closed, person_id)
        carried = {each.staff_id: each.carried_out for each in last if each.carried_out}
    after = BEFORE_EVERY_MONTH if closed is None else closed
    booked = await payrolls.charges(reader, after, through, person_id)
    by_person: dict[UUID, dict[int, Charge]] = {id_: {} for id_ in carried}
    for each in booked:
        by_person.setdefault(each.person_id, {})[each.month] = each
    known = await wages.of_all(reader, context.wages, person_id)
    shares = await _shares(reader)
    found = {}
    for id_, charges in by_person.items():
        first = min(charges, default=through) if closed is None or not carried.get(id_) else closed + 1
        bounds = _Bounds(context, known.get(id_, []), shares)
        months = range(first, through + 1)
        found[id_] = figures.lines(id_, months, carried.get(id_, ZERO), charges, bounds.of)
    return found


async def _shares(reader: Reader) -> list[SharePolicy]:
    versions = await below(reader, "payroll", EVERY_VERSION, MOST_VERSIONS)
    return [SharePolicy.kept(each.version, each.definition, each.starts_at) for each in versions]


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What may be kept of one person's wages."""

    context: Context
    wages: Sequence[Wage]
    shares: Sequence[SharePolicy]

    def of(self, month: int) -> Decimal | None:
        wage = wage_in(self.wages, month)
        if wage is None:
            return None
        return figures.bound(wage.monthly, share_at(self.shares, Month.at(month).starts(self.context.zone)))


async def read_payroll(reader: Reader, context: Context, month: Month) -> Payroll:
    """The payroll of a month. Raises PayrollNotFound for one that has not begun, or before anything was booked."""
    first = await ledger.first_month(reader)
    if first is None or not first <= month.ordinal <= Month.of(context.clock.now(), context.zone).ordinal:
        raise PayrollNotFound("months from the first booking to the running one have a payroll")
    closed = await payrolls.closed_month(reader, month)
    if closed is not None:
        lines = await payrolls.handed_over(reader, context.wages, month.ordinal, month.ordinal)
    else:
        lines = await open_lines(reader, context, month)
    state: PayrollState = "running"
    if closed is not None:
        state = "closed"
    elif await ledger.closed_month(reader, month) is not None:
        state = "booked"
    return Payroll(month, state, closed, await _named(reader, month, lines))


async def open_lines(reader: Reader, context: Context, month: Month) -> list[Line]:
    """The lines of a month that was not handed over yet, of those of whom there is something to say."""
    by_person = await lines_through(reader, context, month.ordinal)
    last = [each[-1] for each in by_person.values() if each and each[-1].month == month.ordinal]
    return sorted((each for each in last if each.says_something), key=lambda each: each.staff_id)


async def _named(reader: Reader, month: Month, lines: Sequence[Line]) -> list[PayrollLine]:
    rows = await _PEOPLE.all(reader, ids=[each.staff_id for each in lines])
    people = {row.pop("id"): row for row in map(dict, rows)}
    nobody = {"name": None, "department_id": None, "department_name": None, "at_work": False}
    signed = await payrolls.signatures(reader, month=month.ordinal)
    return [
        PayrollLine(
            line=each,
            signature=figures.signature(each, list(signed.get((each.staff_id, each.month), ()))),
            **people.get(each.staff_id, nobody),
        )
        for each in lines
    ]


async def read_statement(reader: Reader, context: Context, month: Month, staff_id: UUID) -> PersonStatement:
    """A person's statement of a month. Raises StatementNotFound where there is nothing to say of them."""
    found = [each for each in await _statements(reader, context, staff_id) if each.line.month == month.ordinal]
    if not found:
        raise StatementNotFound("nothing of yours was booked in this month, and nothing carried into it")
    return found[0]


async def read_items(reader: Reader, month: Month, staff_id: UUID) -> list[Item]:
    """What was booked of a person in a month, and what for."""
    return await payrolls.items_of(reader, staff_id, month.ordinal)


async def read_sheet(
    reader: Reader, context: Context, month: Month, staff_id: UUID, language: Language | None
) -> LetterSheet:
    """A person's statement as it is set on paper, in their own language unless another is given.

    Raises StatementNotFound.
    """
    read = await read_statement(reader, context, month, staff_id)
    member = (await directory.staff(reader, [staff_id])).get(staff_id)
    spoken = language or language_of(member.language if member is not None else None)
    return sheet_of(
        read.line,
        member.name if member is not None else "",
        await payrolls.items_of(reader, staff_id, month.ordinal),
        read.signed_at,
        head_of(context, await company.read(reader), spoken),
        Wall(context.zone, spoken),
    )


async def list_statements(
    reader: Reader, context: Context, staff_id: UUID, below: int | None, most: int
) -> list[PersonStatement]:
    """A person's statements, the latest month first; those before a month, if it is given."""
    found = reversed(await _statements(reader, context, staff_id))
    return [each for each in found if below is None or each.line.month < below][:most]


async def waiting(context: Context, staff_id: UUID) -> list[PersonStatement]:
    """The statements of closed months of the ledger that somebody has not signed as they stand, the latest first."""
    if not await payrolls.has_bookings(context.database, staff_id):
        return []
    statements = await _statements(context.database, context, staff_id)
    return [each for each in reversed(statements) if each.final and each.signature != "holds"]


async def _statements(reader: Reader, context: Context, staff_id: UUID) -> list[PersonStatement]:
    """A person's statements through the running month, in order."""
    running = Month.of(context.clock.now(), context.zone).ordinal
    kept = await payrolls.handed_over(reader, context.wages, BEFORE_EVERY_MONTH, running, staff_id)
    open_ = (await lines_through(reader, context, running, staff_id)).get(staff_id, [])
    signed = await payrolls.signatures(reader, staff_id=staff_id)
    closed_through = await ledger.closed_through(reader)
    found = []
    for each in (*kept, *open_):
        if each.says_something:
            digests = signed.get((staff_id, each.month), {})
            final = closed_through is not None and each.month <= closed_through
            how = figures.signature(each, list(digests))
            found.append(PersonStatement(each, final, how, digests.get(each.digest)))
    return found


async def read_wages(reader: Reader, context: Context, staff_id: UUID) -> list[Wage]:
    """What was entered of a person's wage, in order."""
    return await wages.of_staff(reader, context.wages, staff_id)
