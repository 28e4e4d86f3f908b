"""Reading payrolls, handing one over, and signing statements."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, time
from uuid import UUID

from services.complaints.context import Context
from services.complaints.ledger import store as ledger
from services.complaints.payroll import queries
from services.complaints.payroll.domain import payroll as domain
from services.complaints.payroll.domain.figures import Item
from services.complaints.payroll.domain.payroll import Payroll, PayrollMonth, SignedOnPaper
from services.complaints.payroll.queries import PersonStatement
from services.complaints.payroll.store import payrolls as store
from shared import audit
from shared.db import Connection
from shared.languages import Language
from shared.months import Month
from shared.paper.sheet import LetterSheet


async def look_up(context: Context, month: Month, *, by: UUID) -> Payroll:
    """The payroll of a month; its bounds tell of wages, so that it stands in the audit who read it.

    Raises PayrollNotFound.
    """
    await audit.enter(context.database, by, "payroll.read")
    async with _snapshot(context) as reader:
        return await queries.read_payroll(reader, context, month)


async def read_statement(context: Context, month: Month, *, by: UUID) -> tuple[PersonStatement, list[Item]]:
    """Somebody's own statement, and what was booked in its month. Raises StatementNotFound."""
    async with _snapshot(context) as reader:
        statement = await queries.read_statement(reader, context, month, by)
        return statement, await queries.read_items(reader, month, by)


async def read_sheet(context: Context, month: Month, language: Language | None, *, of: UUID, by: UUID) -> LetterSheet:
    """Somebody's statement as it is set on paper; in the audit where it is another's. Raises StatementNotFound."""
    if of != by:
        await audit.enter(context.database, by, "statement.read", of)
    async with _snapshot(context) as reader:
        return await queries.read_sheet(reader, context, month, of, language)


async def list_statements(context: Context, below: int | None, most: int, *, by: UUID) -> list[PersonStatement]:
    """Somebody's own statements, the latest month first."""
    async with _snapshot(context) as reader:
        return await queries.list_statements(reader, context, by, below, most)


@asynccontextmanager
async def _snapshot(context: Context) -> AsyncIterator[Connection]:
    """All that is read through it stands as it does at one moment: no payroll is handed over in between."""
    async with context.database.connection() as reader, _standing(reader):
        yield reader


def _standing(reader: Connection) -> AbstractAsyncContextManager[object]:
    return reader.transaction(isolation="repeatable_read", readonly=True)


async def close(context: Context, month: Month, *, by: UUID) -> Payroll:
    """Keeps the payroll of a closed month of the ledger as it is handed over; what is entered later changes it no more.
    Closing it again changes nothing.

    Raises PayrollNotFound, PayrollLedgerOpen, PayrollMonthSkipped.
    """
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        if await store.closed_month(transaction, month) is None:
            domain.check_closing(
                month,
                ledger_closed=await ledger.closed_month(transaction, month) is not None,
                first=await ledger.first_month(transaction),
                closed_through=await store.closed_through(transaction),
            )
            lines = await queries.open_lines(transaction, context, month)
            closed = PayrollMonth(month, context.clock.now(), by)
            await store.close(transaction, context.wages, closed, lines)
            await audit.enter(transaction, by, "payroll.closed")
        return await queries.read_payroll(transaction, context, month)


async def sign(context: Context, month: Month, digest: str, *, by: UUID) -> PersonStatement:
    """Signs somebody's own statement with the figures that they have read; again it changes nothing.

    Raises StatementNotFound, StatementNotFinal, StatementChanged.
    """
    async with context.database.transaction() as transaction:
        read = await queries.read_statement(transaction, context, month, by)
        domain.check_signing(read.line, digest, ledger_closed=read.final)
        await store.sign(transaction, read.line, context.clock.now())
        return await queries.read_statement(transaction, context, month, by)


async def enter_signature(
    context: Context, month: Month, staff_id: UUID, signed: SignedOnPaper, *, by: UUID
) -> PersonStatement:
    """Enters that somebody has signed their statement on paper; again it changes nothing. It stands in the audit who
    entered it.

    Raises OwnStatement, StatementNotFound, StatementNotFinal, StatementChanged, Invalid.
    """
    domain.check_entering(staff_id, signed.day, by=by, today=context.clock.now().astimezone(context.zone).date())
    async with context.database.transaction() as transaction:
        read = await queries.read_statement(transaction, context, month, staff_id)
        domain.check_signing(read.line, signed.digest, ledger_closed=read.final)
        await store.sign(transaction, read.line, datetime.combine(signed.day, time(), context.zone))
        await audit.enter(transaction, by, "statement.signed_on_paper", staff_id)
        return await queries.read_statement(transaction, context, month, staff_id)
