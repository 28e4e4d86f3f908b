"""Nobody waits in a circle: customers first, then what is theirs, and standings in the order of their ids."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

import httpx
import pytest

from shared.ids import new_id
from tests.customers.importing import csv_of, send
from tests.customers.network import BASE, brand, made, region, somebody_waits, store
from tests.customers.test_imports_money import contracts
from tests.customers.test_imports_money import signed as all_signed
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

Change: TypeAlias = Callable[[OneService, str], Awaitable[httpx.Response]]
STANDING = "SELECT FROM archive_standing WHERE customer_id = $1 FOR NO KEY UPDATE NOWAIT"
"""Without waiting: who waits for the first of these holds nothing that comes after."""


async def withdraw(customers: OneService, id_: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/contracts/{id_}/withdrawal")


async def confirm(customers: OneService, id_: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/contracts/{id_}/ending/confirm", json={"ends_on": "2026-12-01"})


async def approve(customers: OneService, id_: str) -> httpx.Response:
    general = bearer("general_manager", new_id())
    return await customers.http.post(f"{BASE}/contracts/{id_}/ending/approve", json={}, headers=general)


async def keep_on(customers: OneService, id_: str) -> httpx.Response:
    return await customers.http.delete(f"{BASE}/contracts/{id_}/ending")


@pytest.mark.parametrize("change", [withdraw, approve, keep_on])
async def test_a_contract_is_changed_while_its_customer_is_merged(
    change: Change, fresh_database: FreshDatabase
) -> None:
    """A merge holds both customers, then takes their contracts along."""
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        about = {"customer_id": str(shop), "brand_id": str(await brand(customers)), "starts_on": "2026-11-04"}
        id_ = (await made(customers, "contracts", {**about, "region_id": str(await region(customers))}))["id"]
        assert (await confirm(customers, id_)).status_code == 200

        async with customers.database.transaction() as merge:
            await merge.execute("SELECT FROM customer WHERE id = $1 FOR UPDATE", shop)
            changing = asyncio.ensure_future(change(customers, id_))
            await eventually(lambda: somebody_waits(customers))
            await merge.execute("SELECT FROM contract WHERE id = $1 FOR UPDATE NOWAIT", UUID(id_))

        answer = await changing
        assert answer.status_code == 200, answer.text


async def erase(customers: OneService, **whom: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/erasures", json={**whom, "reason": "asked"})


@pytest.mark.parametrize("change", ["customer", "owner", "said again"])
async def test_who_is_an_owner_is_erased_or_named_while_they_are_merged(
    change: str, fresh_database: FreshDatabase
) -> None:
    """A merge holds both customers, then takes along who they are among the owners."""
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", {"name": "王丽", "kind": "person"}))["id"]
        owner = (await made(customers, "owners", {"name": "王老板", "customer_id": person}))["id"]
        said, newest = {"name": "王丽", "customer_id": person}, {"If-Match": "*"}
        changes: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
            "customer": lambda: erase(customers, customer_id=person),
            "owner": lambda: erase(customers, person_id=owner),
            "said again": lambda: customers.http.patch(f"{BASE}/owners/{owner}", json=said, headers=newest),
        }

        async with customers.database.transaction() as merge:
            await merge.execute("SELECT FROM customer WHERE id = $1 FOR UPDATE", UUID(person))
            changing = asyncio.ensure_future(changes[change]())
            await eventually(lambda: somebody_waits(customers))
            await merge.execute("SELECT FROM owner WHERE id = $1 FOR UPDATE NOWAIT", UUID(owner))

        answer = await changing
        assert answer.is_success, answer.text


async def test_contracts_of_a_file_are_signed_and_undone_while_touches_are_heard_of(
    fresh_database: FreshDatabase,
) -> None:
    """News of touches holds the standings of several customers by their ids; a file names them in any order."""
    async with one_service(fresh_database, "customers") as customers:
        first, second = sorted([await store(customers, external_no=f"S-{n}") for n in range(2)])
        numbers = {
            (await customers.http.get(f"{BASE}/customers/{each}")).json()["external_no"]: each
            for each in (first, second)
        }
        by_id = sorted(numbers, key=lambda number: numbers[number])
        await brand(customers)
        await region(customers, "鹿城")
        rows = [
            (f"HT-{number}", number, "雅丽", "鹿城", *days)
            for number, days in zip(reversed(by_id), (("2025-01-01", "2026-01-01"), ("2026-01-01", "")), strict=True)
        ]

        async def meanwhile(work: Awaitable[object]) -> None:
            async with customers.database.transaction() as news:
                await news.execute(STANDING, first)
                working = asyncio.ensure_future(work)
                await eventually(lambda: somebody_waits(customers))
                await news.execute(STANDING, second)
            await working

        await meanwhile(contracts(customers, *rows))
        assert [each["external_no"] for each in await all_signed(customers)] == [row[0] for row in reversed(rows)]
        [job] = (await customers.http.get(f"{BASE}/imports")).json()["items"]
        assert (await customers.http.post(f"{BASE}/imports/{job['id']}/undo")).status_code == 202
        await meanwhile(customers.run_loops())
        assert {each["state"] for each in await all_signed(customers)} == {"withdrawn"}


async def test_a_person_is_erased_while_a_file_is_read_in(fresh_database: FreshDatabase) -> None:
    """A batch of a file holds its import, then the customers that it names."""
    async with one_service(fresh_database, "customers") as customers:
        wang = (await made(customers, "customers", {"name": "王小明", "kind": "person"}))["id"]
        file = csv_of([("S-1", "王小明", "person")], header=("external_no", "name", "kind"))
        assert (await send(customers, file, "customers", dry_run="true")).status_code == 202
        await customers.run_loops("customers.imports")

        async with customers.database.transaction() as batch:
            await batch.execute("SELECT FROM import_job WHERE preview IS NOT NULL FOR UPDATE")
            body = {"customer_id": wang, "reason": "asked by letter"}
            erasing = asyncio.ensure_future(customers.http.post(f"{BASE}/erasures", json=body))
            await eventually(lambda: somebody_waits(customers))
            await batch.execute("SELECT FROM customer WHERE id = $1 FOR UPDATE NOWAIT", UUID(wang))

        assert (await erasing).status_code == 202
        assert await customers.database.fetchval("SELECT count(preview) FROM import_job") == 0
