"""Setting the policy of worth."""

from dataclasses import replace
from uuid import UUID

from services.customers.context import Context
from services.customers.scheme import handlers as scheme
from services.customers.worth_policies import store
from services.customers.worth_policies.domain import ModelRules, WorthPolicy, WorthRules
from shared import audit
from shared.ids import new_id
from shared.versions import check_version


async def set_policy(
    context: Context, rules: WorthRules, model: ModelRules | None, expected_version: int | None, *, by: UUID
) -> WorthPolicy:
    """Makes a version that holds at once; the same again changes nothing. Where nothing is said of the models, it stays
    as it stands.

    Raises WorthPolicyRefused, PreconditionRequired, Stale.
    """
    rules.check()
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        before = await store.present(transaction)
        check_version(before.version, expected_version)
        rules = replace(rules, model=model or before.rules.model)
        if before.rules == rules:
            return before
        after = WorthPolicy(before.version + 1, rules, new_id(), context.clock.now(), by)
        await store.add(transaction, after)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "worth_policy.versioned", after.id)
    return after
