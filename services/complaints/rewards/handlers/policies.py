"""Writing what is enough for a reward."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.context import Context
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.rewards.domain.candidates import RewardPolicy
from services.complaints.rewards.domain.rewards import check_amount


async def write(
    context: Context, changes: Mapping[str, object], starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version; what is not named in `changes` stays as it was. Raises RewardOutOfBounds."""

    def define(before: Mapping[str, Any]) -> dict[str, Any]:
        policy = RewardPolicy.kept(0, {**before, **changes})
        check_amount(policy.amount)
        return policy.definition

    return await policies.write(context, "rewards", starts_at, define, by=by)
