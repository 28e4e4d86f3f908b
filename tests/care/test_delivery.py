"""Messages on their way: gate, retries, leases."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from services.care.delivery.handlers.claiming import claim
from services.care.delivery.handlers.delivering import deliver
from services.care.delivery.handlers.sending import mark, send_due
from services.care.messages.domain import Purpose
from shared.contracts.care import MessageFailed, MessageSent
from shared.delivery.port import PermanentFailure, TransientFailure
from shared.ids import new_id
from tests.care.building import PHONE, Care, Recording
from tests.eventually import eventually


async def consents_to_offers(care: Care, customer: UUID) -> None:
    body = {"consents": [{"channel": "sms", "purpose": "promotion", "granted": True}]}
    assert (await care.http.put(f"/care/v1/consents/{customer}", json=body)).status_code == 200


async def test_who_sends_is_woken_by_the_commit_and_not_by_the_clock(
    care: Care, monkeypatch: pytest.MonkeyPatch
) -> None:
    (loop,) = (loop for loop in care.service.service.loops if loop.name == "care messages")
    monkeypatch.setattr(loop, "_at_most", timedelta(hours=1))
    sending = asyncio.create_task(loop.run())
    try:
        for number in (1, 2, 3):
            customer = await care.customer("C")
            await care.contact(customer)
            await care.deliver(await care.moves(customer, "A"))
            await eventually(lambda number=number: len(care.letters()) == number)
    finally:
        sending.cancel()


async def test_quiet_hours_delay_in_the_customers_zone(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer, time_zone="America/New_York")
    await care.moves(customer, "A")  # nine in Shanghai is eight in the evening in New York
    care.clock.forward(timedelta(hours=1, minutes=1))

    await care.run_loops()
    assert await care.message_state(customer) == ("planned", "quiet_hours")

    care.clock.forward(timedelta(hours=10, minutes=58))
    await care.run_loops()
    assert await care.message_state(customer) == ("planned", "quiet_hours")

    care.clock.forward(timedelta(minutes=1))
    await care.run_loops()
    assert await care.message_state(customer) == ("sent", None)


async def test_the_weekly_cap_delays_the_third(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    for number in range(3):
        await care.offers(customer, f"greeting:{number}", purpose=Purpose.RELATIONSHIP)

    await care.run_loops()

    states = [(each["state"], each["reason"]) for each in await care.messages(customer_id=customer)]
    assert sorted(states) == [("planned", "weekly_cap"), ("sent", None), ("sent", None)]
    care.clock.forward(timedelta(days=7))
    await care.run_loops()
    assert len(care.letters()) == 3


async def test_promotion_is_held_while_a_case_is_open_and_goes_on_after(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await consents_to_offers(care, customer)
    complaint = await care.opens(customer)
    await care.offers(customer)
    await care.run_loops()
    assert await care.message_state(customer) == ("held", "open_complaint")

    await care.closes(complaint, customer)
    await care.run_loops()

    assert await care.message_state(customer) == ("sent", None)


async def test_an_offer_without_consent_is_refused(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.offers(customer)

    await care.run_loops()

    assert await care.message_state(customer) == ("refused", "no_consent")


async def test_nothing_goes_out_with_a_hole(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer, name=" ")
    await care.moves(customer, "A")

    await care.run_loops()

    assert await care.message_state(customer) == ("failed", "template_hole: name")
    (fact,) = await care.facts(MessageFailed)
    assert fact.reason == "template_hole: name"
    assert care.letters() == []


async def test_a_provider_that_fails_is_tried_again_after_a_pause_with_the_same_key(care: Care) -> None:
    provider = Recording(TransientFailure("http-503"), TransientFailure("http-503"))
    care.deliver_by(provider)
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "A")

    await care.run_loops()
    assert await care.message_state(customer) == ("planned", "http-503")
    assert [message["sent_at"] for message in await care.messages()] == [None]
    assert len(provider.given) == 1
    for pause in (30, 60):
        care.clock.forward(timedelta(seconds=pause))
        await care.run_loops()

    assert await care.message_state(customer) == ("sent", None)
    assert [message["sent_at"] for message in await care.messages()] == ["2026-11-04T01:01:30Z"]
    assert len(provider.given) == 3
    assert len({message.key for message in provider.given}) == 1
    assert len(await care.facts(MessageSent)) == 1


async def test_after_the_last_attempt_it_has_failed(care: Care) -> None:
    provider = Recording(*(TransientFailure("timeout") for _ in range(20)))
    care.deliver_by(provider)
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "A")
    for _ in range(10):
        await care.run_loops()
        care.clock.forward(timedelta(minutes=61))

    assert len(provider.given) == care.context.settings.attempts
    assert (await care.message_state(customer))[0] == "failed"
    assert [message["sent_at"] for message in await care.messages()] == [None]
    assert len(await care.facts(MessageFailed)) == 1


@pytest.mark.parametrize("fault, state", [(PermanentFailure("http-400"), "failed"), (RuntimeError("bug"), "planned")])
async def test_a_refusal_is_final_and_a_surprise_is_not(care: Care, fault: Exception, state: str) -> None:
    care.deliver_by(Recording(fault))
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "A")

    await care.run_loops()

    assert (await care.message_state(customer))[0] == state


async def forget_leases(care: Care) -> None:
    """As if the time of every lease had passed."""
    await care.database.execute("UPDATE message SET lease_until = lease_until - interval '1 day'")


async def test_a_lost_mark_sends_nothing_twice(care: Care) -> None:
    """The sender dies after the provider has it and before the mark: the next one sends under the same key."""
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "A")
    _, letters = await claim(care.context, new_id())
    await deliver(care.context, letters)
    await care.run_loops()
    assert await care.message_state(customer) == ("sending", None)

    await forget_leases(care)
    await care.run_loops()

    assert await care.message_state(customer) == ("sent", None)
    assert len(care.letters()) == 1
    assert len(await care.facts(MessageSent)) == 1


async def test_who_comes_back_after_the_lease_marks_nothing(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "A")
    slow = new_id()
    _, letters = await claim(care.context, slow)
    outcomes = await deliver(care.context, letters)
    await forget_leases(care)
    await care.run_loops()

    await mark(care.context, outcomes, slow)

    assert len(await care.facts(MessageSent)) == 1


@pytest.mark.parametrize("first, second", [(0, 1), (1, 0)])
async def test_marking_and_newer_messages_never_wait_in_a_circle(care: Care, first: int, second: int) -> None:
    """A batch of events locks one message, then another one; the sender has both in hand and marks them."""
    for _ in range(2):
        customer = await care.customer("C")
        await care.contact(customer)
        await care.moves(customer, "A")
    holder = new_id()
    _, letters = await claim(care.context, holder)
    outcomes = await deliver(care.context, letters)
    lock = "SELECT id FROM message WHERE id = $1 FOR UPDATE"
    async with care.context.database.transaction() as events:
        await events.execute(lock, outcomes[first].message.id)
        marking = asyncio.create_task(mark(care.context, outcomes, holder))
        await eventually(partial(_one_is_sent, care))
        await events.execute(lock, outcomes[second].message.id)
    await marking

    assert len(await care.facts(MessageSent)) == 2


async def _one_is_sent(care: Care) -> bool:
    return len(await care.facts(MessageSent)) == 1


async def test_several_senders_share_the_work(care: Care) -> None:
    provider = Recording()
    care.deliver_by(provider)
    for _ in range(40):
        customer = await care.customer("C", team={})
        await care.contact(customer)
        await care.moves(customer, "A")

    while any(await asyncio.gather(*(send_due(care.context) for _ in range(3)))):
        pass

    assert len(provider.given) == 40
    assert len({message.key for message in provider.given}) == 40
    assert len(await care.facts(MessageSent)) == 40


async def test_no_name_or_address_is_stored_readably_or_told(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer, emails=["li@example.com"])
    await care.moves(customer, "A")
    await care.run_loops()

    rows = await care.database.fetch("SELECT m::text AS text FROM message m")
    sealed = await care.database.fetchval("SELECT sealed FROM contact")
    told = [event.data for event in await care.service.events()]
    readable = " ".join([*(row["text"] for row in rows), *told])

    assert "丽人" not in readable
    assert PHONE not in readable
    assert PHONE.encode() not in sealed


KILLED_SENDER = """
import asyncio, os, sys
from datetime import datetime
from pathlib import Path
from deploy.network import build_service
from services.care.delivery.handlers import sending
from shared.auth.tokens import TokenVerifier
from shared.clock import ManualClock
from shared.db import Database
from shared.delivery.folder import FolderProvider
from shared.delivery.registry import Providers
from shared.runtime import Runtime
from tests.support import ISSUER, MASTER_KEY, SETTINGS

class Dying:
    name = "dying"
    def __init__(self, folder):
        self.inner, self.left = FolderProvider(folder), int(sys.argv[4])
    async def send(self, message):
        receipt = await self.inner.send(message)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), 9)
        return receipt

async def main():
    database = await Database.connect(sys.argv[1], pool_size=2)
    clock = ManualClock(datetime.fromisoformat(sys.argv[3]))
    runtime = Runtime(SETTINGS, database, clock, TokenVerifier(SETTINGS, ISSUER.public_keys), MASTER_KEY)
    context = build_service("care", runtime).context
    dying = Dying(Path(sys.argv[2]))
    object.__setattr__(context, "providers", Providers(dict.fromkeys(("email", "sms", "webhook"), dying)))
    await sending.send_due(context)

asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_sender_that_is_killed_in_the_middle_loses_and_doubles_nothing(care: Care, tmp_path: Path) -> None:
    customers = [await care.customer("C", team={}) for _ in range(30)]
    for customer in customers:
        await care.contact(customer)
        await care.moves(customer, "A")

    arguments = [care.database.url, str(care.outbox), care.clock.now().isoformat(), "10"]
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED_SENDER, *arguments], check=False, env={**os.environ}
    )
    assert killed.returncode == -9
    written = {letter["key"] for letter in care.letters()}
    assert len(written) >= 10
    assert await care.facts(MessageSent) == []

    await forget_leases(care)
    await care.run_loops()

    letters = care.letters()
    assert len(letters) == len({letter["key"] for letter in letters}) == 30
    assert written <= {letter["key"] for letter in letters}
    assert len({fact.message_id for fact in await care.facts(MessageSent)}) == 30
    assert len(await care.facts(MessageSent)) == 30


async def test_what_is_written_is_for_the_owner_alone(care: Care) -> None:
    customer = await care.customer("C")
    await care.contact(customer)
    await care.moves(customer, "A")
    await care.run_loops()

    (file,) = sorted(care.outbox.glob("*.json"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["key"] == file.stem
