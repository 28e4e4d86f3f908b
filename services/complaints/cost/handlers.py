"""Writing versions of what complaints cost."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.cost.domain.model import NewCostModel
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion


async def write(context: Context, new: NewCostModel, *, by: UUID) -> PolicyVersion:
    """Adds a version, for cases recorded from its start on. Raises CostPolicyStarted, CurveRefused."""
    new.check(context.clock.now())
    return await policies.write(context, "cost", new.starts_at, new.after, by=by)
