"""Sending replies: judged and claimed in one transaction, delivered outside of any, marked in another.

As with first replies (`letters/handlers/sending.py`) a sender that dies in between leaves its lease to run out; the
next one sends under the same key, which the provider has seen already (domain 4.3).
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from services.complaints.cases.domain import Words
from services.complaints.cases.store import details
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.history.domain import HistoryEntry, changed
from services.complaints.letters.domain.letters import Recipient
from services.complaints.letters.store import hold_cases
from services.complaints.reply_letters import events, store
from services.complaints.reply_letters.domain import Go, ReplyOutcome, ReplyState, ReplyVerdict, judged, unreached
from services.complaints.reply_letters.store import Due
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.customers import ContactListed
from shared.contracts.merging import CustomerMerged
from shared.db import Connection
from shared.delivery.attempts import attempt, pause_after
from shared.delivery.port import Outgoing
from shared.ids import new_id
from shared.sealed_contacts import opened_contact
from shared.telemetry import log

AT_ONCE: Final = 16
"""Replies that one sender hands over at the same time."""


async def send_due(context: Context) -> int:
    """Judges a batch of due replies and sends those that may go; returns how many were judged."""
    holder = new_id()
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        due = await store.lock_due(transaction, now)
        verdicts = [(each, _judged(context, each, now)) for each in due]
        going = [(each, said) for each, said in verdicts if isinstance(said, Go) and said.channel != "phone"]
        staying = [
            _put_off(each, said) for each, said in verdicts if not isinstance(said, Go) or said.channel == "phone"
        ]
        refused = [each for each in staying if unreached(each) is not None]
        await store.postpone(transaction, [each for each in staying if unreached(each) is None])
        leased = [ReplyOutcome(each.reply, ReplyState.SENDING, channel=said.channel) for each, said in going]
        await store.lease(transaction, leased, holder=holder, seconds=context.settings.lease_seconds)
    if refused:
        await _refuse(context, refused)
    if going:
        await _mark(context, await _deliver(context, going), holder)
    return len(due)


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact: replies that waited for one go on."""
    await _go_on(context, transaction, {event.read(ContactListed).customer_id for event in events})


async def on_customer_merged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.merged: so do those to who was merged, since the kept one's contact is theirs."""
    await _go_on(context, transaction, {event.read(CustomerMerged).merged_id for event in events})


async def _go_on(context: Context, transaction: Connection, customers: Collection[UUID]) -> None:
    await store.wake(transaction, customers, context.clock.now())
    context.database.once_committed(transaction, context.reply_post.wake)


def _judged(context: Context, due: Due, now: datetime) -> ReplyVerdict:
    reply = due.reply
    words = Words(**orjson.loads(context.words.open(due.words, reply.complaint_id.bytes)))
    said = details.opened(context.words, reply.complaint_id, due.details)
    return judged(reply, _recipient(context, due, words), said.reply_by, now)


def _recipient(context: Context, due: Due, words: Words) -> Recipient | None:
    """Who it goes to: the contact given with the case, else the customer's (decision 20)."""
    if words.complainant is not None:
        return Recipient.given(words.complainant["contact"], due.reply.language)
    if due.contact is None or due.contact_of is None:
        return None
    contact = opened_contact(context.contacts, due.contact_of, due.contact, context.zone)
    return Recipient.customer(contact, due.reply.language)


def _put_off(due: Due, verdict: ReplyVerdict) -> ReplyOutcome:
    if isinstance(verdict, Go):
        return ReplyOutcome(due.reply, ReplyState.TO_READ, channel=verdict.channel)
    if verdict.until is not None:
        return ReplyOutcome(due.reply, ReplyState.HELD, verdict.reason, verdict.until)
    return ReplyOutcome(due.reply, ReplyState.REFUSED, verdict.reason)


async def _deliver(context: Context, going: Sequence[tuple[Due, Go]]) -> list[ReplyOutcome]:
    """Gives replies to their providers, some at once; outside of any transaction."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(due: Due, go: Go) -> ReplyOutcome:
        async with gate:
            return await _deliver_one(context, due, go)

    return list(await asyncio.gather(*(one(*each) for each in going)))


async def _deliver_one(context: Context, due: Due, go: Go) -> ReplyOutcome:
    reply, text = due.reply, store.opened(context.words, due.reply.id, due.sealed)
    outgoing = Outgoing(
        str(reply.id), go.channel, go.address, text.subject, text.text, reply.language, context.clock.now()
    )
    ended = await attempt(context.providers, outgoing, context.settings.lease_seconds / 2)
    failed = ReplyOutcome(reply, ReplyState.FAILED, ended.reason, channel=go.channel)
    if ended.receipt is not None:
        receipt = ended.receipt
        return replace(
            failed, state=ReplyState.SENT, reason=None, provider=receipt.provider, reference=receipt.reference
        )
    tried = reply.attempts + 1
    if not ended.passing or tried >= context.settings.attempts:
        return failed
    return replace(failed, state=ReplyState.PLANNED, next_at=context.clock.now() + pause_after(tried))


async def _mark(context: Context, outcomes: Sequence[ReplyOutcome], holder: UUID) -> None:
    """Marks what became of replies; the record of the case says of those that went that they did."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        await hold_cases(transaction, {each.reply.complaint_id for each in outcomes})
        marked = await store.mark(transaction, outcomes, holder, now)
        for each in outcomes:
            if each.reply.id in marked and each.state is ReplyState.SENT:
                entry = HistoryEntry(new_id(), each.reply.round, f"reply:{each.channel}", now, now, None, None)
                await history.append(transaction, context.words, each.reply.complaint_id, entry)
        await _nobody_reached(transaction, context, [each for each in outcomes if each.reply.id in marked], now)


async def _refuse(context: Context, refused: Sequence[ReplyOutcome]) -> None:
    """Refuses what reaches nobody and tells of it, in a transaction that holds the cases before their replies."""
    async with context.database.transaction() as transaction:
        await hold_cases(transaction, {each.reply.complaint_id for each in refused})
        ended = await store.refuse(transaction, refused)
        lost = [each for each in refused if each.reply.id in ended]
        await _nobody_reached(transaction, context, lost, context.clock.now())


async def _nobody_reached(
    transaction: Connection, context: Context, outcomes: Sequence[ReplyOutcome], now: datetime
) -> None:
    """Of replies that have ended without reaching anybody the history says so, and whoever wrote them hears."""
    for each in outcomes:
        if (reason := unreached(each)) is None:
            continue
        reply = each.reply
        entry = HistoryEntry(
            new_id(), reply.round, "reply_unreached", now, now, None, None, changed(reply=(None, reason))
        )
        await history.append(transaction, context.words, reply.complaint_id, entry)
        await outbox.append(transaction, [events.unreached(reply, reason, now)])
        log("replies").error("a complainant is not reached", complaint_id=str(reply.complaint_id), reason=reason)
