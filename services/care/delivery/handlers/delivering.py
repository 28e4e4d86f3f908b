"""Delivering letters: rendered, given to their providers outside of any transaction, and how each of them ended."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from services.care.consent.domain import tokens
from services.care.consent.domain.choices import Means
from services.care.context import Context
from services.care.delivery.domain.gate import Reason
from services.care.delivery.domain.letters import Letter
from services.care.messages.domain import CONFIDENTIAL, MessageState, Outcome, Purpose
from shared.delivery.attempts import attempt, pause_after
from shared.delivery.port import Outgoing
from shared.templates import HoleInMessage

AT_ONCE = 16


async def deliver(context: Context, letters: Sequence[Letter]) -> list[Outcome]:
    """Renders letters and gives them to their providers, some at once; outside of any transaction."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(letter: Letter) -> Outcome:
        async with gate:
            return await _deliver(context, letter)

    return list(await asyncio.gather(*(one(letter) for letter in letters)))


async def _deliver(context: Context, letter: Letter) -> Outcome:
    message = letter.message
    try:
        outgoing = _outgoing(context, letter)
    except HoleInMessage as hole:
        return Outcome(message, letter.channel, MessageState.FAILED, f"{Reason.HOLE}: {hole}")
    ended = await attempt(context.providers, outgoing, context.settings.lease_seconds / 2)
    if ended.receipt is not None:
        receipt = ended.receipt
        return Outcome(message, letter.channel, MessageState.SENT, None, None, receipt.provider, receipt.reference)
    tried = message.attempts + 1
    if not ended.passing or tried >= context.settings.attempts:
        return Outcome(message, letter.channel, MessageState.FAILED, ended.reason)
    next_at = context.clock.now() + pause_after(tried)
    return Outcome(message, letter.channel, MessageState.PLANNED, ended.reason, next_at)


def _outgoing(context: Context, letter: Letter) -> Outgoing:
    unsubscribe_url = _unsubscribe_url(context, letter)
    rendered = letter.rendered(unsubscribe_url, _link(context, letter))
    return Outgoing(
        key=str(letter.message.id),
        channel=letter.channel,
        address=letter.address,
        subject=rendered.subject,
        body=rendered.body,
        language=rendered.language,
        at=context.clock.now(),
        unsubscribe_url=unsubscribe_url,
        robot=letter.robot,
    )


def _link(context: Context, letter: Letter) -> str | None:
    """Where a colleague sees what a notice is about: case, promise, or what they pay; customers are led nowhere."""
    what, _, id_ = (letter.message.about or "").rpartition(":")
    if letter.message.staff_id is None:
        return None
    if letter.message.occasion == CONFIDENTIAL:
        return context.settings.money_url or f"{context.settings.public_url.rstrip('/')}/complaints/v1/me"
    if what.startswith("commitment"):
        return f"{context.settings.public_url.rstrip('/')}/complaints/v1/commitments/{id_}"
    return _case_url(context, id_) if what.startswith("complaint") else None


def _case_url(context: Context, case_id: str) -> str:
    own = f"{context.settings.public_url.rstrip('/')}/complaints/v1/complaints/{{id}}"
    return (context.settings.case_url or own).replace("{id}", case_id)


def _unsubscribe_url(context: Context, letter: Letter) -> str | None:
    """Everything but service can be left by a click."""
    customer_id, purpose = letter.message.customer_id, letter.message.purpose
    if customer_id is None or purpose is Purpose.SERVICE:
        return None
    last_day = (letter.message.expires_at + timedelta(days=context.settings.unsubscribe_days)).date()
    token = tokens.written(context.vaults.tokens.digest, customer_id, (Means(letter.channel), purpose), last_day)
    return f"{context.settings.public_url.rstrip('/')}/care/v1/unsubscribe/{token}"
