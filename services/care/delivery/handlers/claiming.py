"""Claiming due messages: each is judged by what is known of its recipient now, and goes, waits or is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.accounts.domain import Account
from services.care.cases import store as cases
from services.care.consent import store as consent
from services.care.consent.domain.choices import Choices
from services.care.contacts import store as contacts
from services.care.contacts.domain import WorkContact
from services.care.context import Context
from services.care.delivery.domain.gate import (
    WEEK,
    CustomerRecipient,
    GateVerdict,
    Manners,
    Refuse,
    Send,
    StaffRecipient,
    Wait,
    judge_for_customer,
    judge_for_staff,
)
from services.care.delivery.domain.letters import Letter
from services.care.messages import store as messages
from services.care.messages.domain import Message, MessageState, Postponed, Purpose
from shared import directory
from shared.contracts.care import Channel
from shared.db import Connection
from shared.directory import StaffMember
from shared.masking import masked
from shared.reachable import Reachable
from shared.telemetry import log

BATCH = 100
LEFT = StaffRecipient(active=False, channel="email", address=None)


async def claim(context: Context, holder: UUID) -> tuple[int, list[Letter]]:
    """Judges due messages; those to be sent now are leased to `holder` and returned as letters."""
    async with context.database.transaction() as transaction:
        now = context.clock.now()
        due = await messages.due(transaction, now, BATCH)
        if not due:
            return 0, []
        free = await accounts.lock_free(transaction, (customer for _, customer in due))
        locked = await messages.lock_due(transaction, [id_ for id_, _ in due], now, [each.id for each in free])
        recipients = await _Recipients.gathered(context, transaction, locked, free)
        return len(locked), await _part(context, transaction, locked, recipients, holder)


@dataclass(frozen=True, slots=True)
class _Recipients:
    """What the gate asks about the recipients of a batch."""

    accounts: Mapping[UUID, Account]
    contacts: Mapping[UUID, Reachable]
    choices: Mapping[UUID, Choices]
    holds: Mapping[UUID, str]
    sent: Mapping[UUID, dict[Channel, list[datetime]]]
    staff: Mapping[UUID, StaffMember]
    work: Mapping[UUID, WorkContact]

    @classmethod
    async def gathered(
        cls, context: Context, reader: Connection, batch: Sequence[Message], known: Sequence[Account]
    ) -> "_Recipients":
        ids = [account.id for account in known]
        since = context.clock.now() - WEEK
        sent = await messages.sent_since(reader, ids, since, [message.id for message in batch])
        members = [message.staff_id for message in batch if message.staff_id]
        return cls(
            {account.id: account for account in known},
            await contacts.reachable(reader, context.vaults.contacts, ids, context.zone),
            await consent.choices_of_kept(reader, ids),
            await cases.holds(reader, ids),
            {id_: sent.get(id_, {}) for id_ in ids},
            await directory.staff(reader, members) if members else {},
            await contacts.of_staff(reader, context.vaults.contacts, members) if members else {},
        )

    def judge(self, context: Context, message: Message) -> GateVerdict:
        settings = context.settings
        manners = Manners(settings.quiet_from, settings.quiet_until, settings.weekly_cap)
        now = context.clock.now()
        if message.customer_id is not None:
            return judge_for_customer(message, self._customer(context, message.customer_id), manners, now)
        return judge_for_staff(message, self._colleague(message), context.zone, manners, now)

    def _customer(self, context: Context, customer_id: UUID) -> CustomerRecipient:
        reachable = self.contacts.get(customer_id)
        return CustomerRecipient(
            self.accounts[customer_id].kind,
            reachable.addresses if reachable else None,
            reachable.zone if reachable else context.zone,
            self.choices.get(customer_id, {}),
            self.holds.get(customer_id),
            self.sent[customer_id],
        )

    def _colleague(self, message: Message) -> StaffRecipient | None:
        """None also for somebody at work whose contact is still to come: topics are unordered to each other."""
        member = self._member(message)
        contact = self.work.get(member.id) if member else None
        if member is None or (member.active and contact is None):
            return None
        if contact is None:
            return LEFT
        return StaffRecipient(member.active, contact.channel, contact.address, contact.robot)

    def letter(self, message: Message, send: Send) -> Letter:
        reader = self.contacts.get(message.customer_id) if message.customer_id else self._member(message)
        if reader is None:
            raise LookupError(f"message {message.id} was judged without its recipient")
        return Letter(message, send.channel, send.address, reader.name, reader.language, send.robot)

    def _member(self, message: Message) -> StaffMember | None:
        return self.staff.get(message.staff_id) if message.staff_id else None

    def count(self, message: Message, channel: Channel, now: datetime) -> None:
        """A message that goes out now counts for the cap of the next one in the same batch."""
        if message.customer_id is not None and message.purpose is not Purpose.SERVICE:
            self.sent[message.customer_id].setdefault(channel, []).append(now)


async def _part(
    context: Context, transaction: Connection, batch: Sequence[Message], recipients: _Recipients, holder: UUID
) -> list[Letter]:
    """Parts the messages into those that go and those that do not, and stores both."""
    now = context.clock.now()
    letters: list[Letter] = []
    postponed: list[Postponed] = []
    for message in batch:
        match recipients.judge(context, message):
            case Send() as send:
                letters.append(recipients.letter(message, send))
                recipients.count(message, send.channel, now)
            case Wait(until, reason, state):
                postponed.append(Postponed(message, state, reason, until))
            case Refuse(reason, state):
                postponed.append(Postponed(message, state, reason, None))
    for each in postponed:
        if each.state is MessageState.REFUSED:
            log_unreached(each.message, each.reason)
    await messages.postpone(transaction, postponed)
    leased = [(letter.message, letter.channel, masked(letter.address)) for letter in letters]
    await messages.lease(transaction, leased, now=now, holder=holder, seconds=context.settings.lease_seconds)
    return letters


def log_unreached(message: Message, reason: str | None) -> None:
    """Says that a message to a colleague ended without reaching them; customers are counted, not logged."""
    if message.staff_id is not None:
        log("delivery").error(
            "a colleague is not reached", staff_id=str(message.staff_id), occasion=message.occasion, reason=reason
        )
