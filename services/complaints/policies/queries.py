"""Reading the versions of a policy."""

from typing import Final

from services.complaints.context import Context
from services.complaints.policies import store
from services.complaints.policies.domain import PolicyName, PolicyVersion

ABOVE_EVERY_VERSION: Final = 2**31 - 1


async def list_versions(context: Context, policy: PolicyName, below: int | None, most: int) -> list[PolicyVersion]:
    """Versions, the latest first; those below one, if it is given."""
    return await store.below(context.database, policy, ABOVE_EVERY_VERSION if below is None else below, most)
