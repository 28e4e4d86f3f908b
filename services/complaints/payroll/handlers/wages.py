"""Entering wages and reading them: for administration alone, each time in the audit."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.complaints.context import Context
from services.complaints.payroll import queries
from services.complaints.payroll.domain.payroll import ColleagueNotFound, OwnWage, Wage, WageShareOutOfBounds
from services.complaints.payroll.store import wages as store
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from shared import audit, directory
from shared.months import Month
from shared.versions import check_version


async def enter(
    context: Context, staff_id: UUID, monthly: Decimal, from_month: Month, *, expected_version: int | None, by: UUID
) -> list[Wage]:
    """Enters what somebody earns a month from a month on, CNY; what was handed over stays as it was. Returns all that
    was entered of them.

    Raises OwnWage, ColleagueNotFound, Stale, PreconditionRequired.
    """
    if by == staff_id:
        raise OwnWage("by it follows what is kept of it: somebody else of administration enters it")
    async with context.database.transaction() as transaction:
        if staff_id not in await directory.staff(transaction, [staff_id]):
            raise ColleagueNotFound("the directory lists nobody with this id")
        await store.hold(transaction)
        before = await store.of_staff(transaction, context.wages, staff_id)
        version = store.latest_version(before)
        if before:
            check_version(version, expected_version)
        wage = Wage(staff_id, version + 1, from_month.ordinal, monthly, by, context.clock.now())
        await store.add(transaction, context.wages, wage)
        await audit.enter(transaction, by, "wage.entered", staff_id)
    return [*before, wage]


async def look_up(context: Context, staff_id: UUID, *, by: UUID) -> list[Wage]:
    """What was entered of a person's wage. Raises ColleagueNotFound."""
    if staff_id not in await directory.staff(context.database, [staff_id]):
        raise ColleagueNotFound("the directory lists nobody with this id")
    await audit.enter(context.database, by, "wage.read", staff_id)
    return await queries.read_wages(context.database, context, staff_id)


async def write_policy(context: Context, share: Decimal, starts_at: datetime | None, *, by: UUID) -> PolicyVersion:
    """Adds a version of how much of a month's wage may be kept, for months that begin after its start.

    Raises WageShareOutOfBounds.
    """
    if not 0 <= share <= 1:
        raise WageShareOutOfBounds("say 0.00 to 1.00", pointer="#/share")
    return await policies.write(context, "payroll", starts_at, lambda _: {"share": str(share)}, by=by)
