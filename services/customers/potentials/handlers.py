"""Saying what a customer could buy."""

from decimal import Decimal
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.heads.store import erasing, rows
from services.customers.potentials import domain, store
from services.customers.potentials.domain import Potential
from shared import audit
from shared.ids import new_id
from shared.versions import check_version


async def say(
    context: Context,
    customer_id: UUID,
    amount: Decimal,
    reason: str,
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Potential:
    """Says it anew; what was said before stays. The first needs no version that was read, the same again adds nothing.

    Raises CustomerNotFound, Erased, PreconditionRequired, Stale.
    """
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        before = await store.holds(transaction, context.words, customer_id)
        if before is not None:
            check_version(before.version, expected_version)
            if (before.amount, before.reason) == (amount, reason):
                return before
        version = 1 if before is None else before.version + 1
        said = Potential(new_id(), version, customer_id, amount, reason, context.clock.now(), by)
        await store.add(transaction, context.words, said, reason)
        await changes_made.keep(transaction, customer_id, domain.history_of(before, said), at=said.said_at, by=by)
        await audit.enter(transaction, by, "potential.said", customer_id)
    return said
