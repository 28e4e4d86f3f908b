"""Setting how key accounts are scored."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from services.customers.context import Context
from services.customers.key_accounts.domain.accounts import KeyAccountPolicy, KeyCriterion, check_policy
from services.customers.key_accounts.store import policy
from services.customers.scheme import handlers as scheme
from shared import audit
from shared.ids import new_id
from shared.versions import check_version


async def set_policy(
    context: Context,
    weights: Mapping[KeyCriterion, Decimal],
    volume: Sequence[Decimal],
    concentration: Sequence[Decimal],
    expected_version: int | None,
    *,
    by: UUID,
) -> KeyAccountPolicy:
    """Makes the next version, for scores that are made from now on.

    Raises PreconditionRequired, Stale, KeyAccountPolicyRefused.
    """
    async with context.database.transaction() as transaction:
        await policy.hold(transaction)
        present = await policy.present(transaction)
        check_version(present.version, expected_version)
        following = KeyAccountPolicy(
            present.version + 1, weights, volume, concentration, id=new_id(), set_at=context.clock.now(), set_by=by
        )
        check_policy(following)
        await policy.add(transaction, following)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "key_account_policy.versioned", following.id)
    return following
