"""Sending what is due: judged and claimed in one transaction, delivered outside of any, marked in another.

A sender that dies in between leaves its lease to run out; the next one sends under the same key, which the provider
has seen already (domain 4.3).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from services.complaints.cases.domain import Words
from services.complaints.cases.store import details
from services.complaints.company.queries import complaint_line
from services.complaints.context import Context
from services.complaints.history import store as history
from services.complaints.history.domain import HistoryEntry, changed
from services.complaints.letters import events, store
from services.complaints.letters.domain.letters import (
    FIRST_REPLY,
    QUESTION,
    QUESTION_SENT,
    UNREACHED,
    Letter,
    LetterOutcome,
    LetterState,
    Reason,
    Recipient,
    Refuse,
    Send,
    Wait,
    judge,
    unreached,
)
from services.complaints.letters.domain.texts import first_reply, question
from services.complaints.letters.store import DueLetter
from services.complaints.response_clocks.store import chains_of
from services.complaints.tracking.domain import token_of
from shared.bus import outbox
from shared.db import Connection
from shared.delivery.attempts import attempt, pause_after
from shared.delivery.port import Outgoing
from shared.ids import new_id
from shared.languages import Language
from shared.sealed_contacts import opened_contact
from shared.telemetry import log
from shared.templates import HoleInMessage

AT_ONCE: Final = 16
"""Letters that one sender hands over at the same time."""


async def send_due(context: Context) -> int:
    """Judges a batch of due letters and sends those that may go; returns how many were judged."""
    holder = new_id()
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        due = await store.lock_due(transaction, now)
        judged = [(each.letter, _judged(context, each, now)) for each in due]
        asked = {each.letter.id: _asked(context, each) for each in due}
        sending = [(letter, verdict) for letter, verdict in judged if _goes(verdict)]
        others = [_put_off(letter, said) for letter, said in judged if not _goes(said)]
        refused = [each for each in others if unreached(each) is not None]
        await store.postpone(transaction, [each for each in others if unreached(each) is None])
        leased = [_ended(letter, said, LetterState.SENDING) for letter, said in sending if isinstance(said, Send)]
        await store.lease(transaction, leased, holder=holder, seconds=context.settings.lease_seconds)
    sends = [(letter, said) for letter, said in sending if isinstance(said, Send)]
    if refused:
        await _refuse(context, refused)
    if sends:
        await _mark(context, await _deliver(context, sends, asked), holder)
    return len(due)


def _goes(verdict: Send | Wait | Refuse) -> bool:
    return isinstance(verdict, Send) and verdict.channel != "phone"


def _judged(context: Context, due: DueLetter, now: datetime) -> Send | Wait | Refuse:
    letter = due.letter
    words = Words(**orjson.loads(context.words.open(due.words, letter.complaint_id.bytes)))
    said = details.opened(context.words, letter.complaint_id, due.details)
    return judge(letter, _recipient(context, due, words, said.language), said.reply_by, now)


def _recipient(context: Context, due: DueLetter, words: Words, language: Language | None) -> Recipient | None:
    """Who it goes to: the contact given with the case, else the customer's (decision 20)."""
    if words.complainant is not None:
        return Recipient.given(words.complainant["contact"], language or "zh-CN")
    if due.contact is None or due.contact_of is None:
        return None
    contact = opened_contact(context.contacts, due.contact_of, due.contact, context.zone)
    return Recipient.customer(contact, language)


def _ended(letter: Letter, send: Send, state: LetterState) -> LetterOutcome:
    return LetterOutcome(letter, state, channel=send.channel, language=send.language)


def _put_off(letter: Letter, verdict: Send | Wait | Refuse) -> LetterOutcome:
    match verdict:
        case Send():
            return _ended(letter, verdict, LetterState.TO_READ)
        case Wait(until):
            return LetterOutcome(letter, LetterState.HELD, Reason.NO_CONTACT, until)
        case Refuse(reason):
            return LetterOutcome(letter, LetterState.REFUSED, reason)


def _asked(context: Context, due: DueLetter) -> str | None:
    """The question of a letter that asks one."""
    if due.letter.question_id is None or due.question is None:
        return None
    return context.words.open(due.question, due.letter.question_id.bytes).decode()


async def _deliver(
    context: Context, letters: Sequence[tuple[Letter, Send]], asked: Mapping[UUID, str | None]
) -> list[LetterOutcome]:
    """Renders letters and gives them to their providers, some at once; outside of any transaction."""
    gate, line = asyncio.Semaphore(AT_ONCE), await complaint_line(context)

    async def one(letter: Letter, send: Send) -> LetterOutcome:
        async with gate:
            return await _deliver_one(context, letter, send, line, asked[letter.id])

    return list(await asyncio.gather(*(one(*each) for each in letters)))


async def _deliver_one(context: Context, letter: Letter, send: Send, line: str, asked: str | None) -> LetterOutcome:
    """By the first way that takes it; one that refuses it for good is followed by the next."""
    ways = ((send.channel, send.address), *send.otherwise)
    seconds = context.settings.lease_seconds / 2 / len(ways)
    failed = _ended(letter, send, LetterState.FAILED)
    for channel, address in ways:
        by = replace(send, channel=channel, address=address)
        failed = _ended(letter, by, LetterState.FAILED)
        try:
            outgoing = _outgoing(context, letter, by, line, asked)
        except HoleInMessage as hole:
            return replace(failed, reason=f"{Reason.HOLE}: {hole}")
        ended = await attempt(context.providers, outgoing, seconds)
        if ended.receipt is not None:
            sent = _ended(letter, by, LetterState.SENT)
            return replace(sent, provider=ended.receipt.provider, reference=ended.receipt.reference)
        failed = replace(failed, reason=ended.reason)
        if ended.passing:
            return _tried_again(context, failed)
    return failed


def _tried_again(context: Context, failed: LetterOutcome) -> LetterOutcome:
    """What failed for a moment goes a little later, so many times."""
    tried = failed.letter.attempts + 1
    if tried >= context.settings.attempts:
        return failed
    return replace(failed, state=LetterState.PLANNED, next_at=context.clock.now() + pause_after(tried))


def _outgoing(context: Context, letter: Letter, send: Send, line: str, asked: str | None) -> Outgoing:
    assert send.channel != "phone"  # noqa: S101  scripts are read, not sent
    now = context.clock.now()
    token = token_of(letter.complaint_id, context.tracking.digest, letter.tracking_generation)
    url = f"{context.settings.public_url.rstrip('/')}/complaints/track/{token}"
    if letter.question_id is not None:
        text = question(send.language, letter.number, asked or "", line, url)
    else:
        due = (letter.due_at, now, context.zone)
        text = first_reply(send.language, letter.kind, letter.number, due, line, url)
    return Outgoing(str(letter.id), send.channel, send.address, text.subject, text.body, text.language, now)


async def _mark(context: Context, outcomes: Sequence[LetterOutcome], holder: UUID) -> None:
    """Marks what became of letters and tells of it; those that another sender has taken over are left to it."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        await store.hold_cases(transaction, {each.letter.complaint_id for each in outcomes})
        marked = await store.mark(transaction, outcomes, holder, now)
        ended = [each for each in outcomes if each.letter.id in marked]
        for each in ended:
            if each.state is LetterState.SENT:
                await _told(transaction, context, each, now)
        await _nobody_reached(transaction, context, ended, now)


async def _refuse(context: Context, refused: Sequence[LetterOutcome]) -> None:
    """Refuses what reaches nobody and tells of it, in a transaction that holds the cases before their letters."""
    async with context.database.transaction() as transaction:
        await store.hold_cases(transaction, {each.letter.complaint_id for each in refused})
        ended = await store.refuse(transaction, refused)
        lost = [each for each in refused if each.letter.id in ended]
        await _nobody_reached(transaction, context, lost, context.clock.now())


async def _nobody_reached(
    transaction: Connection, context: Context, outcomes: Sequence[LetterOutcome], now: datetime
) -> None:
    """Of letters that have ended without reaching anybody the history says so, and whoever handles the case hears."""
    lost = [(each.letter, reason) for each in outcomes if (reason := unreached(each)) is not None]
    if not lost:
        return
    concerns = await store.concerns(transaction, {letter.complaint_id for letter, _ in lost})
    chains = await chains_of(transaction, concerns.values())
    for letter, reason in lost:
        changes = changed(**{FIRST_REPLY if letter.question_id is None else QUESTION: (None, reason)})
        round_ = 1 if letter.question_id is None else letter.round
        entry = HistoryEntry(new_id(), round_, UNREACHED, now, now, None, None, changes)
        await history.append(transaction, context.words, letter.complaint_id, entry)
        told = next(iter(chains[concerns[letter.complaint_id]]), None)
        staff_id = told.staff_id if told is not None else None
        await outbox.append(transaction, [events.unreached(letter, reason, staff_id, now)])
        log("letters").error("a complainant is not reached", complaint_id=str(letter.complaint_id), reason=reason)


async def _told(transaction: Connection, context: Context, outcome: LetterOutcome, now: datetime) -> None:
    letter, channel = outcome.letter, outcome.channel
    assert channel is not None  # noqa: S101  what was sent had one
    what, round_ = (FIRST_REPLY, 1) if letter.question_id is None else (QUESTION_SENT, letter.round)
    entry = HistoryEntry(new_id(), round_, what, now, now, None, None)
    await history.append(transaction, context.words, letter.complaint_id, entry)
    if letter.question_id is not None:
        return
    await outbox.append(transaction, [events.first_reply(letter.complaint_id, letter.customer_id, channel, now)])
