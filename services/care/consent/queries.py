"""A customer's consents as people read them, and what an unsubscribe link is about."""

from dataclasses import dataclass
from uuid import UUID

from services.care.accounts import queries as accounts
from services.care.accounts.domain import Account, CustomerNotFound, UnknownCustomer
from services.care.cases import store as cases
from services.care.consent import store
from services.care.consent.domain import tokens
from services.care.consent.domain.choices import About, Choice, Choices
from services.care.context import Context
from shared.db import Connection, Database

LONGEST_HISTORY = 200

_VERSION = "SELECT version FROM consent_sheet WHERE customer_id = $1"
_HISTORY = """
SELECT channel, purpose, granted, at, source, by FROM consent_history WHERE customer_id = $1 ORDER BY id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class ConsentSheet:
    """A customer's choices, their last changes (the newest first), and why promotion is held (None: it is not).

    Version 0 means that nothing was ever said.
    """

    account: Account
    version: int
    choices: Choices
    history: list[tuple[About, Choice]]
    hold: str | None


async def read_sheet(database: Database, customer_id: UUID, *, viewer: UUID | None) -> ConsentSheet:
    """Raises CustomerNotFound for a customer who is not known or not the viewer's."""
    try:
        account = await accounts.known(database, customer_id)
    except UnknownCustomer as unknown:
        raise CustomerNotFound(unknown.detail) from None
    await accounts.check_visible(database, account, viewer=viewer)
    async with database.connection() as reader:
        return await sheet(reader, account)


async def sheet(reader: Connection, account: Account) -> ConsentSheet:
    return ConsentSheet(
        account,
        await reader.fetchval(_VERSION, account.id) or 0,
        (await store.choices_of(reader, [account.id])).get(account.id, {}),
        [store.choice_in(row) for row in await reader.fetch(_HISTORY, account.id, LONGEST_HISTORY)],
        (await cases.holds(reader, [account.id])).get(account.id),
    )


async def subscribed(context: Context, token: str) -> tuple[About, bool]:
    """What an unsubscribe link is about, and whether it is still to be withdrawn; raises TokenNotFound."""
    customer_id, about = tokens.read(context.vaults.tokens.digest, token)
    choices = (await store.choices_of(context.database, [customer_id])).get(customer_id, {})
    return about, about not in choices or choices[about].granted
