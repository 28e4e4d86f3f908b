"""Setting what cells are called."""

from uuid import UUID

from services.customers.context import Context
from services.customers.scheme import handlers as scheme
from services.customers.segment_names import store
from services.customers.segment_names.domain import Grids, SegmentNames
from shared import audit
from shared.ids import new_id
from shared.versions import check_version


async def set_names(context: Context, grids: Grids, expected_version: int | None, *, by: UUID) -> SegmentNames:
    """Makes a version that holds at once; the same again changes nothing.

    Raises SegmentNamesRefused, PreconditionRequired, Stale.
    """
    grids.check()
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        before = await store.present(transaction)
        check_version(before.version, expected_version)
        if before.grids == grids:
            return before
        after = SegmentNames(before.version + 1, grids, new_id(), context.clock.now(), by)
        await store.add(transaction, after)
        await scheme.announce(context, transaction)
        await audit.enter(transaction, by, "segment_names.versioned", after.id)
    return after
