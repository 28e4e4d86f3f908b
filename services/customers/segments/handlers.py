"""Taking down what staff say of customers' loyalty."""

from collections.abc import Mapping
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import erasing, rows
from services.customers.segments import store
from services.customers.segments.domain import Criterion, LoyaltyKind, LoyaltyRating
from shared import audit
from shared.versions import check_version


async def rate(
    context: Context,
    customer_id: UUID,
    criteria: Mapping[Criterion, int],
    kind: LoyaltyKind | None,
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> LoyaltyRating:
    """Says it anew; the first needs no version that was read, the same again changes nothing.

    Raises CustomerNotFound, Erased, PreconditionRequired, Stale.
    """
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        before = await store.rating(transaction, customer_id)
        if before is not None:
            check_version(before.version, expected_version)
            if (before.criteria, before.kind) == (criteria, kind):
                return before
        version = before.version + 1 if before is not None else 1
        after = LoyaltyRating(customer_id, version, dict(criteria), kind, context.clock.now(), by)
        await store.keep_rating(transaction, after)
        await audit.enter(transaction, by, "loyalty.rated", customer_id)
    return after
