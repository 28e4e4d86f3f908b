"""Manners of sending (domain 4.2): consent, quiet hours, a cap per week and channel, no promotion while a case is
open, no two messages for one occasion. A verdict says what becomes of a message now, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from services.care.consent.domain.choices import Basis, Choices, Means, basis, is_allowed
from services.care.messages.domain import NEWER, Message, MessageState, Purpose
from shared.contracts.care import Channel
from shared.robots import GroupRobot

WEEK = timedelta(days=7)
LOOK_AGAIN = timedelta(minutes=1)
PREFERENCE: tuple[Channel, ...] = ("sms", "email")
"""Customers are reached by the first of these that they have and allow."""


class Reason(StrEnum):
    """Why a message waits or was refused."""

    NO_CONTACT = "no_contact"
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    QUIET_HOURS = "quiet_hours"
    WEEKLY_CAP = "weekly_cap"
    NOT_LISTED = "not_in_directory"
    STAFF_LEFT = "staff_left"
    EXPIRED = "expired"
    HOLE = "template_hole"


@dataclass(frozen=True, slots=True)
class Send:
    """To be handed to a provider now."""

    channel: Channel
    address: str
    robot: GroupRobot | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """To be judged again at `until`, or earlier when what holds it changes."""

    until: datetime
    reason: str
    state: MessageState = MessageState.PLANNED


@dataclass(frozen=True, slots=True)
class Refuse:
    """Never to be sent."""

    reason: str
    state: MessageState = MessageState.REFUSED


GateVerdict: TypeAlias = Send | Wait | Refuse


@dataclass(frozen=True, slots=True)
class Manners:
    """The company's choice; equal quiet times mean none."""

    quiet_from: time
    quiet_until: time
    weekly_cap: int


@dataclass(frozen=True, slots=True)
class CustomerRecipient:
    """What the gate knows of a customer. `hold` says why promotion is held; `addresses` is None without a contact;
    `sent` says when greetings and promotions of the last seven days went out, per channel."""

    kind: str | None
    addresses: Mapping[Channel, str] | None
    zone: ZoneInfo
    choices: Choices
    hold: str | None
    sent: Mapping[Channel, Sequence[datetime]]


@dataclass(frozen=True, slots=True)
class StaffRecipient:
    """A staff member's channel of choice (decision 18); `address` is None where the directory has none."""

    active: bool
    channel: Channel
    address: str | None
    robot: GroupRobot | None = None


def judge_for_customer(message: Message, recipient: CustomerRecipient, manners: Manners, now: datetime) -> GateVerdict:
    """What becomes of a message to a customer now (decisions 23 and 24)."""
    if over := _over(message, now):
        return over
    if recipient.addresses is None:
        return Wait(message.expires_at, Reason.NO_CONTACT, MessageState.HELD)
    if message.purpose is Purpose.PROMOTION and recipient.hold:
        return Wait(message.expires_at, recipient.hold, MessageState.HELD)
    return _by_channel(message, recipient, recipient.addresses, manners, now)


def _by_channel(
    message: Message, recipient: CustomerRecipient, addresses: Mapping[Channel, str], manners: Manners, now: datetime
) -> GateVerdict:
    wished = (message.channel,) if message.channel else PREFERENCE
    present = [channel for channel in wished if channel in addresses]
    if not present:
        return Refuse(Reason.NO_ADDRESS)
    bases = {
        channel: basis(recipient.kind, (Means(channel), message.purpose), recipient.choices) for channel in present
    }
    permitted = [channel for channel in present if is_allowed(bases[channel])]
    if not permitted:
        return Refuse(Reason.WITHDRAWN if Basis.WITHDRAWN in bases.values() else Reason.NO_CONSENT)
    free = [channel for channel in permitted if _free_at(message, recipient, channel, manners, now) <= now]
    if not free:
        first = min(_free_at(message, recipient, channel, manners, now) for channel in permitted)
        return Wait(first, Reason.WEEKLY_CAP)
    return _unless_quiet(message, Send(free[0], addresses[free[0]]), recipient.zone, manners, now)


def _free_at(
    message: Message, recipient: CustomerRecipient, channel: Channel, manners: Manners, now: datetime
) -> datetime:
    """When the weekly cap lets the next message through."""
    week = sorted(at for at in recipient.sent.get(channel, ()) if at > now - WEEK)
    if message.purpose is Purpose.SERVICE or len(week) < manners.weekly_cap:
        return now
    return week[len(week) - manners.weekly_cap] + WEEK


def judge_for_staff(
    message: Message, recipient: StaffRecipient | None, zone: ZoneInfo, manners: Manners, now: datetime
) -> GateVerdict:
    """What becomes of a notice to a staff member now."""
    if over := _over(message, now):
        return over
    if recipient is None:
        return Wait(now + LOOK_AGAIN, Reason.NOT_LISTED, MessageState.HELD)
    if not recipient.active:
        return Refuse(Reason.STAFF_LEFT)
    if not recipient.address:
        return Refuse(Reason.NO_ADDRESS)
    return _unless_quiet(message, Send(recipient.channel, recipient.address, recipient.robot), zone, manners, now)


def _over(message: Message, now: datetime) -> Refuse | None:
    """Why it says nothing any more, whoever it is for."""
    if message.outdated:
        return Refuse(NEWER, MessageState.REPLACED)
    return Refuse(message.reason or Reason.EXPIRED) if now >= message.expires_at else None


def _unless_quiet(message: Message, send: Send, zone: ZoneInfo, manners: Manners, now: datetime) -> GateVerdict:
    until = quiet_until(now, zone, manners)
    return Wait(until, Reason.QUIET_HOURS) if until and not message.urgent else send


def quiet_until(now: datetime, zone: ZoneInfo, manners: Manners) -> datetime | None:
    """When the quiet hours end that are running now in `zone`; None when there are none."""
    begins, ends = manners.quiet_from, manners.quiet_until
    local = now.astimezone(zone)
    moment = local.time()
    over_midnight = begins > ends
    quiet = (moment >= begins or moment < ends) if over_midnight else begins <= moment < ends
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and moment >= begins else 0)
    return datetime.combine(day, ends, zone).astimezone(UTC)
