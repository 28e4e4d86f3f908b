"""Giving customers tags, and taking them away."""

from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.changes.domain import Change
from services.customers.context import Context
from services.customers.heads.store import erasing, locks
from services.customers.tags import domain, store
from services.customers.tags.domain import FIELD, MOST, CustomerTag, TagNotFound, TooManyTags
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.db import Connection
from shared.references import CustomerNotFound


async def set_tag(context: Context, customer_id: UUID, tag: str, caller: Principal) -> list[CustomerTag]:
    """Gives a customer a tag; one that it has changes nothing.

    Raises CustomerNotFound, Erased, TagRefused, TooManyTags.
    """
    domain.check(tag)
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await _hold(transaction, customer_id, caller)
        await erasing.check(transaction, customer_id)
        if await store.set_tag(transaction, customer_id, tag, at=now, by=caller.id):
            set_ = [Change(FIELD, None, tag)]
            await changes_made.keep(transaction, customer_id, set_, at=now, by=caller.id)
        tags = await store.tags_of(transaction, customer_id)
        if len(tags) > MOST:
            raise TooManyTags("take another one away first")
    return tags


async def take_away(context: Context, customer_id: UUID, tag: str, caller: Principal) -> None:
    """Takes a tag away. Raises CustomerNotFound, TagNotFound, NotTheAuthor."""
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await _hold(transaction, customer_id, caller)
        standing = next((each for each in await store.tags_of(transaction, customer_id) if each.tag == tag), None)
        if standing is None:
            raise TagNotFound("the customer does not have it")
        standing.check_author(caller)
        await store.take_away(transaction, customer_id, tag)
        await changes_made.keep(transaction, customer_id, [Change(FIELD, tag, None)], at=now, by=caller.id)


async def _hold(transaction: Connection, customer_id: UUID, caller: Principal) -> None:
    if not await locks.customers(transaction, [customer_id], viewer=viewer(caller)):
        raise CustomerNotFound("no customer has this id")
