"""Setting and withdrawing consent."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.care.accounts import queries as accounts
from services.care.consent import events, queries, store
from services.care.consent.domain import tokens
from services.care.consent.domain.choices import (
    NOTHING_SAID,
    About,
    Choice,
    Choices,
    Proof,
    changed,
    check_taken,
    differs,
)
from services.care.consent.queries import ConsentSheet
from services.care.context import Context
from shared import audit
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.merging import CustomerMerged
from shared.contracts.owners import CustomerOwnerChanged
from shared.db import Connection
from shared.versions import check_version

CHANGED_HANDS = "changed hands"
"""Why a consent holds no longer that nobody has withdrawn."""
MERGED = "merged"
"""Why a consent holds no longer that a duplicate of the customer had refused."""
AT_ONCE = 500
"""Rows that are sealed in one transaction."""


async def set_choices(
    context: Context,
    customer_id: UUID,
    wanted: Mapping[About, bool],
    *,
    source: str,
    proof: Proof | None = None,
    by: UUID,
    expected_version: int | None,
) -> ConsentSheet:
    """Stores what a customer said; choices that are not named stay as they are.

    `expected_version` is the sheet's that was read; it may be missing while nothing was said yet. Raises
    UnknownCustomer, ProofOfTomorrow, PreconditionRequired or Stale.
    """
    check_taken(proof, context.clock.now())
    account = await accounts.known(context.database, customer_id)
    async with context.database.transaction() as transaction:
        versions = await store.lock_sheets(transaction, customer_id)
        present = versions[customer_id]
        if present != NOTHING_SAID or expected_version is not None:
            check_version(present, expected_version)
        now = context.clock.now()
        said = {about: Choice(granted, now, source, by, proof) for about, granted in wanted.items()}
        await keep_of_one(context, transaction, list(versions), said)
        await audit.enter(transaction, by, "consent.set", customer_id)
        return await queries.sheet(context, transaction, account)


async def withdraw(context: Context, token: str) -> About:
    """The customer's own way out; repeating it changes nothing. Raises TokenNotFound, LinkEnded."""
    customer_id, about = tokens.read(context.vaults.tokens.digest, token, context.today())
    async with context.database.transaction() as transaction:
        ids = list(await store.lock_sheets(transaction, customer_id))
        said = {about: Choice(granted=False, at=context.clock.now(), source="unsubscribe")}
        await keep_of_one(context, transaction, ids, said)
    return about


async def on_customer_owner_changed(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Reaction to customer.owner_changed: of a store that changed hands nobody has consented to anything any longer;
    what was refused stays refused until its new owner says otherwise (domain 2.1)."""
    facts = [event.read(CustomerOwnerChanged) for event in events_]
    for fact in sorted((each for each in facts if each.changed_hands), key=lambda each: each.customer_id):
        await store.lock_sheet(transaction, fact.customer_id)
        present = (await store.choices_of(transaction, [fact.customer_id])).get(fact.customer_id, {})
        now = context.clock.now()
        given = [about for about, choice in present.items() if choice.granted and choice.at < fact.since]
        said = {about: Choice(granted=False, at=now, source=CHANGED_HANDS) for about in given}
        await keep(context, transaction, fact.customer_id, said)


async def on_customer_merged(context: Context, transaction: Connection, events_: Sequence[Event]) -> None:
    """Reaction to customer.merged: the stricter holds. What the merged one has refused is refused by the kept one until
    they say otherwise; what only the merged one has consented to, the kept one has not."""
    facts = {fact.merged_id: fact for fact in (event.read(CustomerMerged) for event in events_)}
    for fact in sorted(facts.values(), key=lambda each: each.into_id):
        for customer_id in (fact.merged_id, fact.into_id):
            await store.lock_sheet(transaction, customer_id)
        both = await store.choices_of(transaction, [fact.merged_id, fact.into_id])
        present = both.get(fact.into_id, {})
        refused = [about for about, choice in both.get(fact.merged_id, {}).items() if not choice.granted]
        said = {
            about: Choice(granted=False, at=fact.at, source=MERGED)
            for about in refused
            if about not in present or (present[about].granted and present[about].at < fact.at)
        }
        await keep(context, transaction, fact.into_id, said)


async def keep_of_one(context: Context, transaction: Connection, ids: Sequence[UUID], said: Choices) -> None:
    """Keeps what was said under the first of these ids, whose sheets are locked, at the last, who is kept; what is
    refused at each of them: it is refused by who was merged, too, should they be two again."""
    refused = {about: choice for about, choice in said.items() if not choice.granted}
    for each in ids:
        await keep(context, transaction, each, said if each == ids[-1] else refused)


async def keep(context: Context, transaction: Connection, customer_id: UUID, said: Choices) -> None:
    """Keeps what changes, and tells of what is withdrawn; the sheet is locked."""
    present = (await store.choices_of(transaction, [customer_id])).get(customer_id, {})
    changes = changed(present, said)
    if changes:
        version = await store.keep(transaction, context.vaults.consents, customer_id, changes)
        new = {about: choice for about, choice in changes.items() if differs(present, about, choice)}
        await outbox.append(transaction, events.withdrawn(customer_id, new, version))


async def seal_sources(context: Context) -> int:
    """Seals a batch of what releases before have stored in plain text; returns how many rows were written."""
    async with context.database.transaction() as transaction:
        return await store.seal_sources(transaction, context.vaults.consents, AT_ONCE)
