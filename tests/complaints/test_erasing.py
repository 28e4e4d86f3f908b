"""Erasing a person while something of them is on its way: nothing of them comes back, and nobody waits in a circle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from services.complaints.search import store as search
from shared.bigrams import hashes_of
from shared.bus.event import Event
from shared.contracts.customers import ContactListed
from shared.contracts.erasures import PersonErased
from shared.db import Connection
from shared.ids import new_id
from shared.personal import Vault
from tests.complaints.building import SALESPERSON, Complaints, complaints
from tests.complaints.promising import ZHOU, promise, promised, slug
from tests.eventually import eventually
from tests.postgres import FreshDatabase

PHONE = "+8613800138000"
CUSTOMER = "SELECT FROM customer_ref WHERE id = $1 FOR UPDATE NOWAIT"
CASE = "SELECT FROM complaint WHERE id = $1 FOR UPDATE NOWAIT"
PROMISE = "SELECT FROM commitment WHERE id = $1 FOR UPDATE NOWAIT"


def erased(service: Complaints, customer: UUID) -> PersonErased:
    return PersonErased(
        erasure_id=new_id(), person_id=customer, kind="customer", customer_id=customer, at=service.clock.now()
    )


async def somebody_waits(service: Complaints) -> bool:
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await service.database.fetchval(f"SELECT EXISTS ({waiting})"))


async def while_erased(service: Complaints, customer: UUID, late: Awaitable[Any]) -> Any:
    """What comes of it where it begins before the erasure ends, and ends after it."""
    fact = erased(service, customer)
    event = Event.of(fact, aggregate_id=fact.erasure_id, version=1, at=fact.at)
    async with service.database.transaction() as erasing:
        await service.service.reactions[event.type](erasing, [event])
        waiting = asyncio.ensure_future(late)
        await eventually(lambda: somebody_waits(service))
    return await waiting


async def test_a_contact_that_is_heard_of_during_the_erasure_is_not_kept(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for customer in (await service.customer(), new_id()):
            contact = ContactListed(customer_id=customer, kind="person", name="王小明", phones=[PHONE])

            await while_erased(service, customer, service.given(contact, version=9))

            left = "SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM contact_trace)"
            assert await service.database.fetchval(left) == 0


async def test_words_of_a_case_that_are_made_findable_during_the_erasure_are_not_kept(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        id_ = UUID((await service.record(customer, text="包装破损了"))["id"])
        context = service.service.context

        async def make_findable() -> None:
            async with service.database.transaction() as transaction:
                await search.keep(transaction, context.words, context.traces, [id_])

        await while_erased(service, customer, make_findable())

        found_by = set(await service.database.fetchval("SELECT grams FROM case_trace"))
        assert found_by.isdisjoint(hashes_of(context.traces.digest, ["包装破损了"]))


async def test_nothing_is_promised_to_who_is_being_erased(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer(team={"salesperson": SALESPERSON})

        refused = await while_erased(service, customer, promise(service, customer))

        assert slug(refused) == (422, "unknown-customer")
        assert await service.database.fetchval("SELECT count(*) FROM commitment") == 0


@asynccontextmanager
async def erasing_behind(service: Complaints, held: str, id_: UUID, *customers: UUID) -> AsyncIterator[Connection]:
    """While who holds this has an erasure of these customers wait."""
    async with service.database.transaction() as before:
        await before.execute(held, id_)
        erasing = asyncio.ensure_future(service.given(*(erased(service, each) for each in customers)))
        await eventually(lambda: somebody_waits(service))
        yield before
    await erasing


async def test_a_promise_is_held_before_the_customer_and_their_cases(fresh_database: FreshDatabase) -> None:
    """Who confirms a promise holds it, then opens the case that settles it, and changes the one it was given in."""
    async with complaints(fresh_database) as service:
        customer = await service.customer(team={"salesperson": SALESPERSON})
        case = (await service.record(customer))["id"]
        made = (await promise(service, customer, complaint_id=case)).json()["id"]

        async with erasing_behind(service, PROMISE, UUID(made), customer) as confirming:
            await confirming.execute(CUSTOMER, customer)
            await confirming.execute(CASE, UUID(case))


async def test_all_customers_of_a_batch_are_held_before_any_case(fresh_database: FreshDatabase) -> None:
    """Tiers of several customers change at once: first they are held, then their cases."""
    async with complaints(fresh_database) as service:
        first, second = sorted([await service.customer() for _ in range(2)])
        case = (await service.record(first))["id"]

        async with erasing_behind(service, CUSTOMER, second, first, second) as tiers_change:
            await tiers_change.execute(CASE, UUID(case))


async def test_the_promises_of_a_batch_are_held_before_any_customer(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = [await promised(service) for _ in range(2)]
        first, second = sorted(made, key=lambda each: str(each["customer_id"]))
        customers = [UUID(each["customer_id"]) for each in (first, second)]

        async with erasing_behind(service, PROMISE, UUID(second["id"]), *customers) as confirming:
            await confirming.execute(CUSTOMER, customers[0])


async def test_answers_are_looked_through_once_and_before_anything_is_held(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with complaints(fresh_database) as service:
        whose = [await service.customer(team={"salesperson": SALESPERSON}) for _ in range(2)]
        for customer in whose:
            answer = await promise(service, customer, {**ZHOU, "Idempotency-Key": f"key-{customer}"})
            assert answer.status_code == 201, answer.text
        await service.database.execute("UPDATE idempotency_key SET created_at = created_at - interval '1 hour'")
        answers: Vault = service.service.context.answers
        opened = list[bytes]()
        open_ = answers.open

        def opening(sealed: bytes, identity: bytes = b"") -> bytes:
            opened.append(identity)
            return open_(sealed, identity)

        monkeypatch.setattr(answers, "open", opening)

        async with erasing_behind(service, CUSTOMER, max(whose), *whose):
            assert len(opened) == 2, "each once, for both"

        assert len(opened) == 2, "and then those that came since"
        assert await service.database.fetchval("SELECT count(answer) FROM idempotency_key") == 0
        counts = await service.database.fetch("SELECT removed FROM erasing")
        assert [each["removed"]["answers"] for each in counts] == [1, 1]
