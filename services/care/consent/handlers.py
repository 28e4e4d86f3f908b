"""Setting and withdrawing consent."""

from collections.abc import Mapping
from uuid import UUID

from services.care.accounts import queries as accounts
from services.care.consent import events, queries, store
from services.care.consent.domain import tokens
from services.care.consent.domain.choices import About, Choice, changed
from services.care.consent.queries import ConsentSheet
from services.care.context import Context
from shared.bus import outbox
from shared.db import Connection
from shared.errors import Stale


async def set_choices(
    context: Context,
    customer_id: UUID,
    wanted: Mapping[About, bool],
    *,
    source: str,
    by: UUID,
    viewer: UUID | None,
    expected_version: int | None,
) -> ConsentSheet:
    """Stores what a customer said; choices that are not named stay as they are.

    `expected_version` is the sheet's that was read (0: nothing was said yet), None for whatever is there. Raises
    UnknownCustomer, CustomerNotFound for another's customer, and Stale.
    """
    account = await accounts.known(context.database, customer_id)
    await accounts.check_visible(context.database, account, viewer=viewer)
    async with context.database.transaction() as transaction:
        present = await store.lock_sheet(transaction, customer_id)
        if expected_version is not None and expected_version != present:
            raise Stale(f"it is at version {present} now; read it again and repeat")
        choice = Choice(granted=False, at=context.clock.now(), source=source, by=by)
        await _keep(transaction, customer_id, wanted, choice)
        return await queries.sheet(transaction, account)


async def withdraw(context: Context, token: str) -> About:
    """The customer's own way out; repeating it changes nothing. Raises TokenNotFound."""
    customer_id, about = tokens.read(context.vaults.tokens.digest, token)
    async with context.database.transaction() as transaction:
        await store.lock_sheet(transaction, customer_id)
        choice = Choice(granted=False, at=context.clock.now(), source="unsubscribe")
        await _keep(transaction, customer_id, {about: False}, choice)
    return about


async def _keep(transaction: Connection, customer_id: UUID, wanted: Mapping[About, bool], choice: Choice) -> None:
    present = (await store.choices_of(transaction, [customer_id])).get(customer_id, {})
    changes = changed(present, wanted)
    if not changes:
        return
    version = await store.keep(transaction, customer_id, changes, choice)
    withdrawn = [about for about, granted in changes.items() if not granted]
    await outbox.append(transaction, events.withdrawn(customer_id, withdrawn, choice, version))
