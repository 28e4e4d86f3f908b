"""Reading, setting and withdrawing consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.care.accounts import handlers as accounts
from services.care.accounts.store import Account
from services.care.cases import store as cases
from services.care.consent import store
from services.care.consent.domain import tokens
from services.care.consent.domain.choices import About, Choice, Choices, changed
from services.care.context import Context
from shared import directory
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.care import ConsentWithdrawn
from shared.db import Connection, Database
from shared.errors import Invalid, NotFound
from shared.http.preconditions import check_version

LONGEST_HISTORY = 200


@dataclass(frozen=True, slots=True)
class Sheet:
    """A customer's choices, their last changes, and why promotion is held (None: it is not)."""

    account: Account
    version: int
    choices: Choices
    history: list[tuple[About, Choice]]
    hold: str | None


async def check_sees(reader: Database, account: Account, caller: Principal) -> None:
    """Raises NotFound unless the customer is one whom the caller sees."""
    who, team = viewer(caller), set(account.team.values())
    if who is not None and who not in team and team.isdisjoint(await directory.subordinates(reader, who)):
        raise NotFound("there is no such customer among yours")


async def read_sheet(context: Context, customer_id: UUID, caller: Principal) -> Sheet:
    """Raises NotFound for a customer who is not known or not the caller's."""
    try:
        account = await accounts.known(context, customer_id)
    except accounts.UnknownCustomer as unknown:
        raise NotFound(unknown.detail) from None
    await check_sees(context.database, account, caller)
    async with context.database.connection() as reader:
        return await _sheet(reader, account)


async def _sheet(reader: Connection, account: Account) -> Sheet:
    return Sheet(
        account,
        await store.version_of(reader, account.id),
        (await store.choices_of(reader, [account.id])).get(account.id, {}),
        await store.history(reader, account.id, LONGEST_HISTORY),
        (await cases.holds(reader, [account.id])).get(account.id),
    )


async def set_choices(
    context: Context,
    customer_id: UUID,
    wanted: Mapping[About, bool],
    *,
    source: str,
    if_match: str | None,
    caller: Principal,
) -> Sheet:
    """Stores what a customer said; choices that are not named stay as they are.

    Raises UnknownCustomer, NotFound for another's customer, and Stale or PreconditionRequired once choices stand.
    """
    account = await accounts.known(context, customer_id)
    await check_sees(context.database, account, caller)
    async with context.database.transaction() as transaction:
        present = await store.lock_sheet(transaction, customer_id)
        if present or if_match is not None:
            check_version(if_match, present)
        choice = Choice(granted=False, at=context.clock.now(), source=source, by=caller.id)
        await _keep(transaction, customer_id, wanted, choice)
        return await _sheet(transaction, account)


async def subscribed(context: Context, token: str) -> tuple[About, bool]:
    """What an unsubscribe link is about, and whether it is still to be withdrawn; raises UnknownToken."""
    customer_id, about = tokens.read(context.vaults.tokens, token)
    choices = (await store.choices_of(context.database, [customer_id])).get(customer_id, {})
    return about, about not in choices or choices[about].granted


async def withdraw(context: Context, token: str) -> About:
    """The customer's own way out; repeating it changes nothing. Raises UnknownToken."""
    customer_id, about = tokens.read(context.vaults.tokens, token)
    async with context.database.transaction() as transaction:
        await store.lock_sheet(transaction, customer_id)
        choice = Choice(granted=False, at=context.clock.now(), source="unsubscribe")
        await _keep(transaction, customer_id, {about: False}, choice)
    return about


async def _keep(transaction: Connection, customer_id: UUID, wanted: Mapping[About, bool], choice: Choice) -> None:
    present = (await store.choices_of(transaction, [customer_id])).get(customer_id, {})
    news = changed(present, wanted)
    if not news:
        return
    version = await store.keep(transaction, customer_id, news, choice)
    withdrawn = [about for about, granted in news.items() if not granted]
    await outbox.append(transaction, [_withdrawn(customer_id, about, choice, version) for about in withdrawn])


def _withdrawn(customer_id: UUID, about: About, choice: Choice, version: int) -> Event:
    means, purpose = about
    fact = ConsentWithdrawn(customer_id=customer_id, channel=means, purpose=purpose, at=choice.at)
    return Event.of(fact, aggregate_id=customer_id, version=version, at=choice.at)


def check_named_once(listed: list[About]) -> None:
    """Raises Invalid when a channel and purpose stand twice."""
    if len(set(listed)) < len(listed):
        raise Invalid("each channel and purpose is named once", pointer="#/consents")
