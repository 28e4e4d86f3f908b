"""A person is sealed under a key of their own; its master key is changed while requests go on."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr

from deploy.network import build_service
from services.customers.archive import handlers as archive
from services.customers.archive.domain import Profile
from services.customers.archive.store import sealing
from services.customers.personal_keys import handlers, store
from shared.key_ring import FIRST, UnknownMasterKey
from tests.architecture.source import ROOT
from tests.customers.network import BASE, made
from tests.customers.network import store as a_store
from tests.postgres import FreshDatabase
from tests.support import MASTER_KEY, OneService, one_service

PHONE = "+8613800138000"
OLD, NEW = f"old:{'01' * 32}", f"new:{'02' * 32}"


def with_keys(customers: OneService, *keys: str) -> OneService:
    """Another process of the service on the same database, with these master keys."""
    runtime = customers.service.runtime
    settings = runtime.settings.model_copy(update={"master_keys": SecretStr(",".join(keys))})
    return OneService(build_service("customers", replace(runtime, settings=settings)), customers.clock)


async def person(customers: OneService, n: int = 0) -> UUID:
    body = {"name": f"王小{n}", "kind": "person", "phones": [f"+86138001380{n:02}"], "external_no": f"P-{n}"}
    return UUID((await made(customers, "customers", body))["id"])


async def counts(customers: OneService) -> dict[str, int]:
    return await store.counts(customers.database)


async def test_a_person_has_a_key_of_their_own_and_is_unreadable_without(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, other = await person(customers, 1), await person(customers, 2)
        shop = await a_store(customers, phones=[PHONE])
        assert await counts(customers) == {FIRST: 2}
        changed = await customers.http.patch(
            f"{BASE}/customers/{one}", json={"address": "南京路1号"}, headers={"If-Match": '"1"'}
        )
        assert (changed.status_code, changed.json()["address"]) == (200, "南京路1号")

        await customers.database.execute("DELETE FROM personal_key WHERE subject_id = $1", one)

        kept = await customers.database.fetchval("SELECT personal FROM archive WHERE customer_id = $1", one)
        with pytest.raises(InvalidTag):
            sealing.unseal(customers.service.context.personal.service, one, kept)
        for standing in (other, shop):
            answer = await customers.http.get(f"{BASE}/customers/{standing}")
            assert (answer.status_code, len(answer.json()["phones"])) == (200, 1)


async def test_an_owner_of_stores_has_a_key_of_their_own_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as first:
        owner = UUID((await made(first, "owners", {"name": "王小明", "phones": [PHONE]}))["id"])
        kept = await first.database.fetchval("SELECT personal FROM owner WHERE id = $1", owner)
        with pytest.raises(InvalidTag):
            first.service.context.personal.service.open(kept, owner.bytes)

        await handlers.wrap_anew(with_keys(first, NEW).service.context)

        assert await counts(first) == {"new": 1}
        alone = with_keys(first, NEW)
        changed = await alone.http.patch(f"{BASE}/owners/{owner}", json={"name": "王明"}, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.json()["name"]) == (200, "王明")
        listed = (await alone.http.get(f"{BASE}/owners")).json()["items"]
        assert [(item["name"], item["phones"]) for item in listed] == [("王明", [PHONE])]


async def test_the_master_key_changes_while_requests_go_on(fresh_database: FreshDatabase) -> None:
    """Processes of before and after work side by side; afterwards the old key is not needed any more."""
    async with one_service(fresh_database, "customers") as first:
        before, after = with_keys(first, OLD, NEW), with_keys(first, NEW, OLD)
        ids = [await person(before, n) for n in range(12)]
        assert await counts(before) == {"old": 12}
        done = asyncio.Event()

        async def ask(process: OneService, answers: list[int]) -> None:
            n = 0
            while not done.is_set() or n < len(ids):
                id_, n = ids[n % len(ids)], n + 1
                found = await process.http.get(f"{BASE}/customers/{id_}")
                change = {"address": f"{n}号"}
                set_ = await process.http.patch(
                    f"{BASE}/customers/{id_}", json=change, headers={"If-Match": found.headers["ETag"]}
                )
                answers += [found.status_code, set_.status_code]

        answers: list[int] = []
        asking = [asyncio.create_task(ask(process, answers)) for process in (before, after)]
        await handlers.wrap_anew(after.service.context, most=5)
        new = await person(after, 50)
        done.set()
        await asyncio.gather(*asking)

        assert set(answers) <= {200, 412}
        assert answers.count(200) > len(answers) / 2
        assert await counts(after) == {"new": 13}
        alone = with_keys(first, NEW)
        for id_ in [*ids, new]:
            assert (await alone.http.get(f"{BASE}/customers/{id_}")).status_code == 200
        pop = await alone.http.get(f"{BASE}/customers", params={"q": "+8613800138003"})
        assert [item["id"] for item in pop.json()["items"]] == [str(ids[3])]


async def test_a_rotation_that_lacks_a_key_says_which_and_goes_on_afterwards(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as first:
        await person(first, 1)
        await person(with_keys(first, OLD), 2)

        with pytest.raises(UnknownMasterKey, match="master key old"):
            await handlers.wrap_anew(with_keys(first, NEW).service.context, most=1)
        assert await counts(first) == {"new": 1, "old": 1}

        await handlers.wrap_anew(with_keys(first, NEW, OLD).service.context, most=1)
        assert await counts(first) == {"new": 2}


async def test_persons_of_older_releases_open_as_ever_and_are_given_keys(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        context = customers.service.context
        ids = [await person(customers, n) for n in range(3)]
        for n, id_ in enumerate(ids):
            profile = Profile("person", f"王小{n}", phones=(PHONE,))
            sealed = sealing.seal(context.personal.service, id_, profile)
            await customers.database.execute("UPDATE archive SET personal = $2 WHERE customer_id = $1", id_, sealed)
        await customers.database.execute("DELETE FROM personal_key")
        assert (await customers.http.get(f"{BASE}/customers/{ids[0]}")).json()["name"] == "王小0"
        changed = await customers.http.patch(
            f"{BASE}/customers/{ids[0]}", json={"address": "1号"}, headers={"If-Match": '"1"'}
        )
        assert (changed.status_code, await counts(customers)) == (200, {FIRST: 1})

        assert await archive.give_keys(context) == 2
        assert await archive.give_keys(context) == 0

        assert await counts(customers) == {FIRST: 3}
        for n, id_ in enumerate(ids):
            answer = (await customers.http.get(f"{BASE}/customers/{id_}")).json()
            assert (answer["name"], answer["phones"]) == (f"王小{n}", [PHONE])


async def test_an_operator_sees_what_each_key_wraps_and_rotates(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await person(customers, 1)

        def crm(*arguments: str) -> str:
            environment = {
                **os.environ, "CRM_DATABASE_URL_CUSTOMERS": customers.database.url,
                "CRM_MASTER_KEY": MASTER_KEY.hex(), "CRM_MASTER_KEYS": NEW,
            }  # fmt: skip
            return subprocess.run(
                [sys.executable, "-m", "crm", *arguments],
                cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=60,
            ).stdout  # fmt: skip

        assert crm("keys", "show").splitlines() == [
            "new: wraps 0 keys of persons", "first: wraps 1 keys of persons",
        ]  # fmt: skip
        assert crm("keys", "rotate").splitlines() == [
            "persons who had no key of their own: 0", "new: wraps 1 keys of persons",
        ]  # fmt: skip
