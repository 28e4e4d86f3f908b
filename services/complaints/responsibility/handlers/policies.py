"""Writing what rules cost, how penalties are shared, and how long they may be appealed."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.responsibility.domain.policies import NewPenaltyPolicy, PenaltyPolicy
from services.complaints.responsibility.store import policies
from services.complaints.scheme import handlers as scheme
from shared import audit
from shared.ids import new_id


async def write(context: Context, new: NewPenaltyPolicy, *, by: UUID) -> PenaltyPolicy:
    """Adds a version, for what happens from its start on; what was proposed before stays. Raises PenaltyOutOfBounds."""
    new.check_bounds()
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await policies.hold(transaction)
        before = (await policies.below(transaction, 2**31 - 1, 1))[0]
        policy = new.after(before, new_id(), now)
        await policies.add(transaction, policy, now, by)
        await scheme.announce(transaction)
        await audit.enter(transaction, by, "penalty_policy.added", policy.id)
    return policy
