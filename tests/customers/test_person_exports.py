"""All that customers keeps of a person is given to them (domain 2.1)."""

import io
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import orjson
import pytest

from services.customers.person_exports import queries
from shared.ids import new_id
from tests.customers.network import BASE, bought, made
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

WANG = {"name": "王小明", "kind": "person"}


async def exported(customers: OneService, person: str) -> dict[str, list[dict[str, Any]]]:
    answer = await customers.http.get(f"{BASE}/persons/{person}/export", headers=bearer("admin_dept", new_id()))
    assert answer.status_code == 200, answer.text
    with ZipFile(io.BytesIO(answer.content)) as kept:
        names = [name for name in kept.namelist() if name.endswith(".json")]
        return {name.split("/")[1].removesuffix(".json"): orjson.loads(kept.read(name)) for name in names}


async def test_what_was_written_about_a_person_is_given_whole(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    async with one_service(fresh_database, "customers") as customers:
        person, twice = [
            str(
                (
                    await made(
                        customers, "customers", {"name": "王小明", "kind": "person", "external_no": f"P-{number}"}
                    )
                )["id"]
            )
            for number in range(2)
        ]
        path = f"{BASE}/customers/{person}"
        for number in range(5):
            await made(customers, f"customers/{person}/notes", {"text": f"喜欢茶 {number}"})
        await customers.http.post(f"{path}/tags", json={"tag": "茉莉"})
        body = {"tier": "A", "reason": "老客户", "until": "2027-01-01"}
        assert (await customers.http.put(f"{path}/tier-override", json=body)).is_success
        mistake = await bought(customers, UUID(person), "10.00")
        await customers.http.post(f"{BASE}/purchases/{mistake}/reversal", json={"reason": "录错了"})
        await customers.http.get(f"{BASE}/customers/{twice}")
        assert (await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": person})).is_success

        for named in (person, twice):
            found = await exported(customers, named)

            assert sorted(each["text"] for each in found["notes"]) == [f"喜欢茶 {number}" for number in range(5)]
            assert [each["tag"] for each in found["tags"]] == ["茉莉"]
            assert [each["words"] for each in found["overrides"]] == ["老客户"]
            assert [each["words"] for each in found["reversals"]] == ["录错了"]
            assert [each["name"] for each in found["profile"]] == ["王小明"]
            seen = [each["what"] for each in found["looked_at"]]
            assert seen.count("customer.unmasked") >= 1, "who looked at the merged one is said too"
            assert len(found["changes"]) > 2, "page by page to the end"


async def test_a_customer_who_is_an_owner_is_given_that_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = (await made(customers, "customers", {"name": "林", "kind": "person"}))["id"]
        owner = await made(customers, "owners", {"name": "林老板", "customer_id": person})

        found = await exported(customers, person)

        assert [(each["id"], each["name"]) for each in found["owner"]] == [(owner["id"], "林老板")]
