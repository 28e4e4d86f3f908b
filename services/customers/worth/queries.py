"""Reads of what customers are worth, and how they came there."""

from dataclasses import fields
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.merged.domain import Place, behind
from services.customers.merged.store import history_with_merged
from services.customers.worth.domain.judging import Worth
from services.customers.worth.domain.passes import PassNotFound, WorthPass
from services.customers.worth.domain.standing import SegmentChange, StageMove
from services.customers.worth.tables import CustomerWorthRow, WorthPassRow
from shared.statement import Statement, given, table

_WORTH: Final = Statement(
    select(*(table(CustomerWorthRow).c[field.name] for field in fields(Worth))).where(
        col(CustomerWorthRow.customer_id) == given("id")
    ),
    Worth,
)
_SEGMENTS: Final = Statement(
    history_with_merged("segment_change", [each.name for each in fields(SegmentChange) if each.name != "merged_id"]),
    SegmentChange,
)
"""By hand, as what came with merged customers is."""
_STAGES: Final = Statement(
    history_with_merged("stage_change", [each.name for each in fields(StageMove) if each.name != "merged_id"]),
    StageMove,
)
"""By hand likewise."""
_PASSES: Final = select(*(table(WorthPassRow).c[field.name] for field in fields(WorthPass)))
_PASS: Final = Statement(_PASSES.where(col(WorthPassRow.id) == given("id")), WorthPass)
_LAST_PASSES: Final = Statement(
    _PASSES.order_by(col(WorthPassRow.asked_at).desc(), col(WorthPassRow.id).desc()).limit(20), WorthPass
)


async def of_customer(context: Context, customer_id: UUID) -> Worth | None:
    """What was judged last; None of whom nothing is known yet."""
    return await _WORTH.one(context.database, id=customer_id)


async def segment_history(
    context: Context, customer_id: UUID, after: Place | None, most: int, *, viewer: UUID | None
) -> list[SegmentChange]:
    """What a customer, and who was merged into it, came to be after a place, oldest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _SEGMENTS.all(context.database, id=customer_id, most=most, **behind(after))


async def stage_history(
    context: Context, customer_id: UUID, after: Place | None, most: int, *, viewer: UUID | None
) -> list[StageMove]:
    """The stages into which they came after a place, oldest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    return await _STAGES.all(context.database, id=customer_id, most=most, **behind(after))


async def passes(context: Context) -> list[WorthPass]:
    """The last times that everybody was judged, the latest first."""
    return await _LAST_PASSES.all(context.database)


async def a_pass(context: Context, id_: UUID) -> WorthPass:
    """Raises PassNotFound."""
    found = await _PASS.one(context.database, id=id_)
    if found is None:
        raise PassNotFound("read the last ones: GET /customers/v1/worth-passes")
    return found
