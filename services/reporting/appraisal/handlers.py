"""Writing by what people are appraised."""

from uuid import UUID

from services.reporting.appraisal import store
from services.reporting.appraisal.domain import FIRST, AppraisalPolicy, NewAppraisalPolicy
from services.reporting.context import Context
from shared import audit
from shared.ids import new_id
from shared.months import Month


async def write_policy(context: Context, new: NewAppraisalPolicy, *, by: UUID) -> AppraisalPolicy:
    """Adds a version, for the running month or a later one. Raises AppraisalPolicyRefused."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        before = [*await store.every(transaction), FIRST][0]
        policy = new.following(before, new_id(), Month.of(now, context.zone))
        await store.add(transaction, policy, now, by)
        await audit.enter(transaction, by, "appraisal_policy.added", policy.id)
    return policy
