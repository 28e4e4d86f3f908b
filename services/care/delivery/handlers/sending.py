"""Planning messages and sending them: claimed and judged in one transaction, handed to providers outside of any,
marked in another. A sender that dies in between leaves its lease to run out; the next one sends under the same key,
which the provider has seen already (domain 4.3)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.accounts.store import Account
from services.care.cases import store as cases
from services.care.consent import store as consent
from services.care.consent.domain import tokens
from services.care.consent.domain.choices import Choices, Means, Purpose
from services.care.contacts import store as contacts
from services.care.contacts.domain import Reachable
from services.care.context import Context
from services.care.delivery.domain.gate import (
    WEEK,
    Colleague,
    Customer,
    Manners,
    Message,
    Reason,
    Refuse,
    Send,
    State,
    Verdict,
    Wait,
    judge_colleague,
    judge_customer,
    pause_after,
)
from services.care.delivery.domain.templates import TEMPLATES, HoleInMessage, Rendered
from services.care.messages import store
from services.care.messages.store import Listed, Settled
from shared import directory
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.care import MessageFailed, MessageSent
from shared.db import Connection
from shared.delivery.masking import masked
from shared.delivery.port import Channel, Outgoing, PermanentFailure, TransientFailure
from shared.directory import StaffMember
from shared.ids import new_id
from shared.telemetry import log

BATCH = 100
AT_ONCE = 16


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """A message on its way: where to, and what its reader is called."""

    message: Message
    channel: Channel
    address: str
    name: str
    language: str


async def plan_messages(context: Context, transaction: Connection, messages: Sequence[Message]) -> None:
    """Has messages sent as the gate allows, once the transaction has committed; one per recipient and occasion."""
    await accounts.ensure(transaction, {message.customer_id for message in messages if message.customer_id})
    await store.plan(transaction, messages, context.clock.now())
    context.database.once_committed(transaction, context.post.wake)


async def send_due(context: Context) -> int:
    """Judges a batch of due messages and sends those that may go; returns how many were judged."""
    holder = new_id()
    judged, letters = await claim(context, holder)
    if letters:
        await settle(context, await hand_over(context, letters), holder)
    return judged


async def next_message(context: Context) -> datetime | None:
    """When the next message is to be judged."""
    return await store.next_due(context.database)


async def claim(context: Context, holder: UUID) -> tuple[int, list[Letter]]:
    """Judges due messages; those to be sent now are leased to `holder` and returned as letters."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        due = await store.due(transaction, now, BATCH)
        if not due:
            return 0, []
        free = await accounts.lock_free(transaction, {customer for _, customer in due if customer})
        messages = await store.lock_due(transaction, [id_ for id_, _ in due], now, [each.id for each in free])
        facts = await _Facts.gathered(context, transaction, messages, free)
        letters = await _part(context, transaction, messages, facts, holder)
        return len(messages), letters


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the gate asks about the recipients of a batch."""

    accounts: Mapping[UUID, Account]
    contacts: Mapping[UUID, Reachable]
    choices: Mapping[UUID, Choices]
    holds: Mapping[UUID, str]
    sent: Mapping[UUID, dict[Channel, list[datetime]]]
    staff: Mapping[UUID, StaffMember]

    @classmethod
    async def gathered(
        cls, context: Context, reader: Connection, messages: Sequence[Message], known: Sequence[Account]
    ) -> "_Facts":
        ids = [account.id for account in known]
        since = context.clock.now() - WEEK
        sent = await store.sent_since(reader, ids, since, [message.id for message in messages])
        return cls(
            {account.id: account for account in known},
            await contacts.reachable(reader, context.vaults.contacts, ids, context.zone),
            await consent.choices_of(reader, ids),
            await cases.holds(reader, ids),
            {id_: sent.get(id_, {}) for id_ in ids},
            await directory.staff(reader, [message.staff_id for message in messages if message.staff_id]),
        )

    def judge(self, context: Context, message: Message) -> Verdict:
        settings = context.settings
        manners = Manners(settings.quiet_from, settings.quiet_until, settings.weekly_cap)
        now = context.clock.now()
        if message.customer_id is not None:
            return judge_customer(message, self._customer(context, message.customer_id), manners, now)
        member = self.staff.get(message.staff_id) if message.staff_id else None
        return judge_colleague(message, _colleague(member), context.zone, manners, now)

    def _customer(self, context: Context, customer_id: UUID) -> Customer:
        reachable = self.contacts.get(customer_id)
        return Customer(
            self.accounts[customer_id].kind,
            reachable.addresses if reachable else None,
            reachable.zone if reachable else context.zone,
            self.choices.get(customer_id, {}),
            self.holds.get(customer_id),
            self.sent[customer_id],
        )

    def letter(self, message: Message, send: Send) -> Letter:
        reader: Any
        if message.customer_id is not None:
            reader = self.contacts[message.customer_id]
        else:
            reader = self.staff[message.staff_id] if message.staff_id else None
        return Letter(message, send.channel, send.address, reader.name, reader.language)

    def count(self, message: Message, channel: Channel, now: datetime) -> None:
        """A message that goes out now counts for the cap of the next one in the same batch."""
        if message.customer_id is not None and message.purpose is not Purpose.SERVICE:
            self.sent[message.customer_id].setdefault(channel, []).append(now)


def _colleague(member: StaffMember | None) -> Colleague | None:
    if member is None:
        return None
    channel: Any = member.channel
    return Colleague(member.active, channel, member.address)


async def _part(
    context: Context, transaction: Connection, messages: Sequence[Message], facts: _Facts, holder: UUID
) -> list[Letter]:
    """Parts the messages into those that go and those that do not, and stores both."""
    now = context.clock.now()
    letters: list[Letter] = []
    waiting: list[tuple[Message, State, str, datetime | None]] = []
    for message in messages:
        match facts.judge(context, message):
            case Send() as send:
                letters.append(facts.letter(message, send))
                facts.count(message, send.channel, now)
            case Wait(until, reason, state):
                waiting.append((message, state, reason, until))
            case Refuse(reason):
                waiting.append((message, State.REFUSED, reason, None))
    _tell_of_unreached(waiting)
    await store.put_off(transaction, waiting)
    leased = [(letter.message, letter.channel, masked(letter.address)) for letter in letters]
    await store.lease(transaction, leased, now=now, holder=holder, seconds=context.settings.lease_seconds)
    return letters


def _tell_of_unreached(waiting: Sequence[tuple[Message, State, str, datetime | None]]) -> None:
    for message, state, reason, _ in waiting:
        if message.staff_id is not None and state is State.REFUSED:
            log("delivery").error(
                "a colleague is not reached", staff_id=str(message.staff_id), occasion=message.occasion, reason=reason
            )


async def hand_over(context: Context, letters: Sequence[Letter]) -> list[Settled]:
    """Renders letters and gives them to their providers, some at once; outside of any transaction."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(letter: Letter) -> Settled:
        async with gate:
            return await _send(context, letter)

    return list(await asyncio.gather(*(one(letter) for letter in letters)))


async def _send(context: Context, letter: Letter) -> Settled:
    message = letter.message
    try:
        async with asyncio.timeout(context.settings.lease_seconds / 2):
            receipt = await context.providers.send(_outgoing(context, letter))
    except HoleInMessage as hole:
        return Settled(message, letter.channel, State.FAILED, f"{Reason.HOLE}: {hole}")
    except PermanentFailure as fault:
        return Settled(message, letter.channel, State.FAILED, fault.reason)
    except TransientFailure as fault:
        return _tried(context, letter, fault.reason)
    except TimeoutError:
        return _tried(context, letter, "timeout")
    except Exception as fault:
        log("delivery").exception("provider failed", message_id=str(message.id), fault=type(fault).__name__)
        return _tried(context, letter, type(fault).__name__)
    return Settled(message, letter.channel, State.SENT, None, None, receipt.provider, receipt.reference)


def _tried(context: Context, letter: Letter, reason: str) -> Settled:
    """In vain this time: again after a pause, or for good after the last attempt."""
    attempts = letter.message.attempts + 1
    if attempts >= context.settings.attempts:
        return Settled(letter.message, letter.channel, State.FAILED, reason)
    return Settled(letter.message, letter.channel, State.PLANNED, reason, context.clock.now() + pause_after(attempts))


def _outgoing(context: Context, letter: Letter) -> Outgoing:
    message = letter.message
    link = _unsubscribe_url(context, letter)
    rendered = _rendered(letter, link)
    return Outgoing(
        key=str(message.id),
        channel=letter.channel,
        address=letter.address,
        subject=rendered.subject,
        body=rendered.body,
        language=rendered.language,
        at=context.clock.now(),
        unsubscribe_url=link,
    )


def _rendered(letter: Letter, link: str | None) -> Rendered:
    variables = {**letter.message.variables, "name": letter.name, "unsubscribe_url": link or ""}
    return TEMPLATES[letter.message.template].render(letter.language, variables)


def _unsubscribe_url(context: Context, letter: Letter) -> str | None:
    """Everything but service can be left by a click."""
    message = letter.message
    if message.customer_id is None or message.purpose is Purpose.SERVICE:
        return None
    token = tokens.written(context.vaults.tokens, message.customer_id, (Means(letter.channel), message.purpose))
    return f"{context.settings.public_url.rstrip('/')}/care/v1/unsubscribe/{token}"


async def settle(context: Context, settled: Sequence[Settled], holder: UUID) -> None:
    """Marks what became of letters and tells of it; letters that another sender has taken over are left to it."""
    async with context.database.transaction() as transaction:
        marked = await store.settle(transaction, settled, holder)
        now = context.clock.now()
        ended = [each for each in settled if each.message.id in marked and each.state is not State.PLANNED]
        await outbox.append(transaction, [_news(each, now) for each in ended])


def _news(settled: Settled, now: datetime) -> Event:
    message = settled.message
    fields: dict[str, Any] = {
        "message_id": message.id,
        "customer_id": message.customer_id,
        "staff_id": message.staff_id,
        "occasion": message.occasion,
        "purpose": message.purpose.value,
        "channel": settled.channel,
        "at": now,
    }
    fact = (
        MessageSent(**fields) if settled.state is State.SENT else MessageFailed(**fields, reason=settled.reason or "")
    )
    return Event.of(fact, aggregate_id=message.id, version=1, at=now)


async def list_messages(
    context: Context,
    *,
    customer_id: UUID | None,
    staff_id: UUID | None,
    state: State | None,
    before: UUID | None,
    most: int,
) -> list[Listed]:
    """Messages of every state, the newest first."""
    return await store.listed(context.database, customer_id, staff_id, state, before, most)
