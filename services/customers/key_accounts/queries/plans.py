"""Reading plans and risks of key accounts whose customers the viewer sees, and how they stood."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.key_accounts.domain.plans import (
    AccountRisk,
    AccountRiskNotFound,
    PastAccountRisk,
    PastPlanItem,
    PlanItem,
    PlanItemNotFound,
)
from services.customers.key_accounts.store import plans
from services.customers.key_accounts.store.plans import ITEMS, PAST_ITEM, PAST_RISK, RISKS, item_in, risk_in
from shared.statement import Statement, part

_FROM_THE_END: Final = UUID(int=2**128 - 1)
_ITEMS: Final = Statement(
    """
    {all} WHERE customer_id = :customer_id AND id < :before AND (CAST(:state AS text) IS NULL OR state = :state)
    ORDER BY id DESC LIMIT :most
    """,
    all=part(ITEMS),
)
_RISKS: Final = Statement(
    """
    {all} WHERE customer_id = :customer_id AND id < :before
        AND (CAST(:open AS boolean) IS NULL OR (closed_at IS NULL) = :open)
    ORDER BY id DESC LIMIT :most
    """,
    all=part(RISKS),
)
_PAST_ITEMS: Final = Statement(
    """
    SELECT {columns} FROM account_plan_item_version WHERE item_id = :id AND version < :before
    ORDER BY version DESC LIMIT :most
    """,
    PastPlanItem,
    columns=", ".join(PAST_ITEM),
)
_PAST_RISKS: Final = Statement(
    """
    SELECT {columns} FROM account_risk_version WHERE risk_id = :id AND version < :before
    ORDER BY version DESC LIMIT :most
    """,
    PastAccountRisk,
    columns=", ".join(PAST_RISK),
)


async def items(
    context: Context, customer_id: UUID, state: str | None, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[PlanItem]:
    """The plan of a customer, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    asked = {"customer_id": customer_id, "state": state, "before": before or _FROM_THE_END, "most": most}
    return [item_in(row, context.words) for row in await _ITEMS.all(context.database, **asked)]


async def risks(
    context: Context, customer_id: UUID, open_: bool | None, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[AccountRisk]:
    """The risks of a customer, the latest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    asked = {"customer_id": customer_id, "open": open_, "before": before or _FROM_THE_END, "most": most}
    return [risk_in(row, context.words) for row in await _RISKS.all(context.database, **asked)]


async def past_items(
    context: Context, id_: UUID, before: int | None, most: int, *, viewer: UUID | None
) -> list[PastPlanItem]:
    """How something in a plan stood, the latest first. Raises PlanItemNotFound."""
    stands = await plans.item(context.database, context.words, id_, viewer=viewer)
    if stands is None:
        raise PlanItemNotFound("nothing in a plan has this id")
    return await _PAST_ITEMS.all(context.database, id=id_, before=before or stands.version + 1, most=most)


async def past_risks(
    context: Context, id_: UUID, before: int | None, most: int, *, viewer: UUID | None
) -> list[PastAccountRisk]:
    """How a risk stood, the latest first. Raises AccountRiskNotFound."""
    stands = await plans.risk(context.database, context.words, id_, viewer=viewer)
    if stands is None:
        raise AccountRiskNotFound("no risk has this id")
    return await _PAST_RISKS.all(context.database, id=id_, before=before or stands.version + 1, most=most)
