"""Writing versions of what complaints cost, and learning who comes back."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.cost import store
from services.complaints.cost.domain.model import CostModel, NewCostModel
from services.complaints.cost.domain.returning import fit
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.store import in_force
from shared.months import Month


async def write(context: Context, new: NewCostModel, *, by: UUID) -> PolicyVersion:
    """Adds a version, for cases recorded from its start on. Raises CostPolicyStarted, CurveRefused."""
    new.check(context.clock.now())
    return await policies.write(context, "cost", new.starts_at, new.after, by=by)


async def learn(context: Context) -> int:
    """Due work: once a month, looks at who came back; 1 where it did.

    The month is looked at whole, so it does not matter when in it that happens.
    """
    now = context.clock.now()
    month = Month.of(now, context.zone)
    if await store.last(context.database) == month.ordinal:
        return 0
    policy = await in_force(context.database, "cost", now)
    model = CostModel.kept(policy.version, policy.definition)
    found = await store.seen(context.database, month, model.curve, context.zone)
    async with context.database.transaction() as transaction:
        await store.add(transaction, fit(month.ordinal, model.fit_from, found), now)
    return 1
