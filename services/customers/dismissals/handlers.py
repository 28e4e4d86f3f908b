"""Dismissing a customer whom nobody is winning back, and taking that back."""

from uuid import UUID

from services.customers.context import Context
from services.customers.dismissals import events, store
from services.customers.dismissals.domain import Dismissal, DismissalNotFound, DismissedAlready
from services.customers.heads.store import erasing, locks, rows
from services.customers.winbacks import handlers as winning_back
from services.customers.winbacks import store as winbacks
from services.customers.winbacks.domain import WinbackOpen
from shared import audit
from shared.bus import outbox
from shared.contracts.winbacks import DismissalMeans
from shared.ids import new_id


async def dismiss(
    context: Context,
    customer_id: UUID,
    means: DismissalMeans,
    reason: str,
    approver_id: UUID,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Dismissal:
    """Dismisses a customer: a decision with a reason and with somebody else who approves it.

    Raises CustomerNotFound, Erased, WinbackOpen, UnknownApprover, DismissedAlready.
    """
    id_, now = new_id(), context.clock.now()
    async with context.database.transaction() as transaction:
        await rows.locked(transaction, customer_id, viewer=viewer)
        await erasing.check(transaction, customer_id)
        if await winbacks.is_open(transaction, customer_id):
            raise WinbackOpen("dismiss it by its case: POST /customers/v1/winbacks/{id}/dismissal")
        if await winbacks.is_dismissed(transaction, customer_id):
            raise DismissedAlready("its last case has ended so: GET /customers/v1/winbacks?customer_id=")
        await winning_back.check_approver(transaction, approver_id, by)
        words = context.words.seal(reason.encode(), id_.bytes)
        new = Dismissal(id_, 1, customer_id, means, words, approver_id, now, by)
        if not await store.add(transaction, new):
            raise DismissedAlready("read it: GET /customers/v1/dismissals?customer_id=&standing=true")
        await outbox.append(transaction, [events.dismissed(new)])
        await audit.enter(transaction, by, "customer.dismissed", customer_id)
    return new


async def withdraw(context: Context, id_: UUID, reason: str, *, by: UUID, viewer: UUID | None) -> Dismissal:
    """Takes a dismissal back; of who was erased no reason is written. Raises DismissalNotFound, DismissalWithdrawn."""
    async with context.database.transaction() as transaction:
        customer_id = await store.whose(transaction, id_)
        if customer_id is not None:
            await locks.customers(transaction, [customer_id])
        before = await store.locked(transaction, id_, viewer=viewer)
        if before is None:
            raise DismissalNotFound("no dismissal has this id")
        erased = await erasing.is_erased(transaction, before.customer_id)
        words = None if erased else context.words.seal(reason.encode(), id_.bytes)
        after = before.withdrawn(context.clock.now(), by, words)
        await store.save(transaction, after)
        await outbox.append(transaction, [events.withdrawn(after)])
        await audit.enter(transaction, by, "customer.dismissal_withdrawn", after.customer_id)
    return after
