"""Changing who may settle how much."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.complaints.compensations.domain import Authority, Limits, check_order
from services.complaints.context import Context
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion


async def write(
    context: Context, limits: Mapping[Authority, Decimal | None], starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version of the limits, CNY, None without a bound; an authority that is not named keeps its limit.

    Raises LimitsOutOfOrder.
    """
    given = {each: None if amount is None else str(amount) for each, amount in limits.items()}

    def define(before: Mapping[str, Any]) -> dict[str, Any]:
        definition = {"limits": {**before["limits"], **given}}
        check_order(Limits.kept(0, definition))
        return definition

    return await policies.write(context, "settlement_limits", starts_at, define, by=by)
