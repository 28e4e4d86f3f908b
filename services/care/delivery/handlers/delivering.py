"""Delivering letters: rendered, given to their providers outside of any transaction, and how each of them ended."""

import asyncio
from collections.abc import Sequence

from services.care.consent.domain import tokens
from services.care.consent.domain.choices import Means
from services.care.context import Context
from services.care.delivery.domain.gate import Reason, pause_after
from services.care.delivery.domain.letters import Letter
from services.care.delivery.domain.templates import HoleInMessage
from services.care.messages.domain import MessageState, Outcome, Purpose
from shared.delivery.port import Outgoing, PermanentFailure, TransientFailure
from shared.telemetry import log

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
        async with asyncio.timeout(context.settings.lease_seconds / 2):
            receipt = await context.providers.send(_outgoing(context, letter))
    except HoleInMessage as hole:
        return Outcome(message, letter.channel, MessageState.FAILED, f"{Reason.HOLE}: {hole}")
    except PermanentFailure as fault:
        return Outcome(message, letter.channel, MessageState.FAILED, fault.reason)
    except TransientFailure as fault:
        return _tried(context, letter, fault.reason)
    except TimeoutError:
        return _tried(context, letter, "timeout")
    except Exception as fault:
        log("delivery").exception("provider failed", message_id=str(message.id), fault=type(fault).__name__)
        return _tried(context, letter, type(fault).__name__)
    return Outcome(message, letter.channel, MessageState.SENT, None, None, receipt.provider, receipt.reference)


def _tried(context: Context, letter: Letter, reason: str) -> Outcome:
    """In vain this time: again after a pause, or for good after the last attempt."""
    attempts = letter.message.attempts + 1
    if attempts >= context.settings.attempts:
        return Outcome(letter.message, letter.channel, MessageState.FAILED, reason)
    next_at = context.clock.now() + pause_after(attempts)
    return Outcome(letter.message, letter.channel, MessageState.PLANNED, reason, next_at)


def _outgoing(context: Context, letter: Letter) -> Outgoing:
    link = _unsubscribe_url(context, letter)
    rendered = letter.rendered(link)
    return Outgoing(
        key=str(letter.message.id),
        channel=letter.channel,
        address=letter.address,
        subject=rendered.subject,
        body=rendered.body,
        language=rendered.language,
        at=context.clock.now(),
        unsubscribe_url=link,
        robot=letter.robot,
    )


def _unsubscribe_url(context: Context, letter: Letter) -> str | None:
    """Everything but service can be left by a click."""
    customer_id, purpose = letter.message.customer_id, letter.message.purpose
    if customer_id is None or purpose is Purpose.SERVICE:
        return None
    token = tokens.written(context.vaults.tokens.digest, customer_id, (Means(letter.channel), purpose))
    return f"{context.settings.public_url.rstrip('/')}/care/v1/unsubscribe/{token}"
