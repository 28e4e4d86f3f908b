"""Keeping the plan and the risks of a key account."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, rows
from services.customers.key_accounts.domain.plans import (
    AccountRisk,
    AccountRiskNotFound,
    PlanItem,
    PlanItemNotFound,
    check_item,
)
from services.customers.key_accounts.handlers.accounts import check_staff, held
from services.customers.key_accounts.store import plans
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.versions import check_version


async def add_item(
    context: Context, customer_id: UUID, said: Mapping[str, Any], *, by: UUID, viewer: UUID | None
) -> PlanItem:
    """Adds to the plan of a key account; a measure is whose the account is unless somebody else's is said.

    Raises CustomerNotFound, NoKeyAccount, PlanItemRefused, UnknownStaff, Erased.
    """
    async with context.database.transaction() as transaction:
        account = await held(transaction, customer_id, viewer)
        assignee_id = said["assignee_id"]
        if assignee_id is None and said["kind"] == "measure":
            assignee_id = account.assignee_id
        new = PlanItem(
            id=new_id(),
            version=1,
            customer_id=customer_id,
            state="open",
            closed_at=None,
            entered_at=context.clock.now(),
            entered_by=by,
            **{**said, "assignee_id": assignee_id},
        )
        check_item(new)
        if said["assignee_id"] is not None:
            await check_staff(transaction, said["assignee_id"])
        await plans.add_item(transaction, context.words, new)
        await audit.enter(transaction, by, "plan_item.added", new.id)
    return new


async def change_item(
    context: Context, id_: UUID, said: Mapping[str, Any], expected_version: int | None, *, by: UUID, viewer: UUID | None
) -> PlanItem:
    """Changes what stands in a plan. Raises PlanItemNotFound, PlanItemRefused, UnknownStaff, Erased,
    PreconditionRequired, Stale."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await _item(context, transaction, id_, viewer)
        await rows.locked(transaction, before.customer_id, viewer=viewer)
        await erasing.check(transaction, before.customer_id)
        before = await _item(context, transaction, id_, viewer)
        check_version(before.version, expected_version)
        after = before.changed(said, now)
        if after == before:
            return before
        if after.assignee_id is not None and after.assignee_id != before.assignee_id:
            await check_staff(transaction, after.assignee_id)
        await plans.save_item(transaction, context.words, after, at=now, by=by)
        await audit.enter(transaction, by, "plan_item.changed", id_)
    return after


async def add_risk(
    context: Context, customer_id: UUID, said: Mapping[str, Any], *, by: UUID, viewer: UUID | None
) -> AccountRisk:
    """Adds a risk of a key account. Raises CustomerNotFound, NoKeyAccount, Erased."""
    new = AccountRisk(
        id=new_id(),
        version=1,
        customer_id=customer_id,
        closed_at=None,
        entered_at=context.clock.now(),
        entered_by=by,
        **said,
    )
    async with context.database.transaction() as transaction:
        await held(transaction, customer_id, viewer)
        await plans.add_risk(transaction, context.words, new)
        await audit.enter(transaction, by, "account_risk.added", new.id)
    return new


async def change_risk(
    context: Context, id_: UUID, said: Mapping[str, Any], expected_version: int | None, *, by: UUID, viewer: UUID | None
) -> AccountRisk:
    """Judges a risk anew, says what is done, closes it or opens it again.

    Raises AccountRiskNotFound, Erased, PreconditionRequired, Stale.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await _risk(context, transaction, id_, viewer)
        await rows.locked(transaction, before.customer_id, viewer=viewer)
        await erasing.check(transaction, before.customer_id)
        before = await _risk(context, transaction, id_, viewer)
        check_version(before.version, expected_version)
        after = before.changed(said, now)
        if after != before:
            await plans.save_risk(transaction, context.words, after, at=now, by=by)
            await audit.enter(transaction, by, "account_risk.changed", id_)
    return after


async def _item(context: Context, transaction: Connection, id_: UUID, viewer: UUID | None) -> PlanItem:
    found = await plans.item(transaction, context.words, id_, viewer=viewer)
    if found is None:
        raise PlanItemNotFound("nothing in a plan has this id")
    return found


async def _risk(context: Context, transaction: Connection, id_: UUID, viewer: UUID | None) -> AccountRisk:
    found = await plans.risk(transaction, context.words, id_, viewer=viewer)
    if found is None:
        raise AccountRiskNotFound("no risk has this id")
    return found
