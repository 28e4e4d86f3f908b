"""A mask is never written over what it hides (architecture 5)."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.customers.network import BASE
from tests.customers.test_purposes import House
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

INSPECTION: Final[Mapping[str, str]] = {"Purpose": "inspection"}


async def patched(customers: OneService, path: str, said: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    return await customers.http.patch(f"{BASE}/{path}", json=said, headers={"If-Match": "*", **headers})


async def test_what_is_masked_is_not_written_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        lin, wang = f"customers/{house.lin}", f"customers/{house.shop}/people/{house.wang}"
        for path, names in (
            (lin, ("address", "birthday", "emails", "phones")),
            (wang, ("phones",)),
            (f"owners/{house.boss}", ("emails", "phones")),
            (f"prospects/{house.new}", ("address", "phones")),
        ):
            before = await house.get(path, {})
            shown = await house.get(path, dict(INSPECTION))
            assert set(names) <= set(shown["masked"]), path

            written: dict[str, Any] = {name: [] if name in ("phones", "emails") else None for name in names}
            refused = await patched(customers, path, written, INSPECTION)

            assert (refused.status_code, refused.json()["slug"]) == (403, "masked-not-changed"), path
            assert refused.json()["fields"] == list(names)
            assert await house.get(path, {}) == before, "nothing was changed"

            others = await patched(customers, path, {"name": "新名"}, INSPECTION)
            assert others.status_code == 200, others.text
            after = await house.get(path, {})
            assert after["name"] == "新名"
            assert {name: after[name] for name in names} == {name: before[name] for name in names}
            assert (await patched(customers, path, {names[-1]: []}, {"Purpose": "correction"})).status_code == 200
            assert (await house.get(path, {}))[names[-1]] == []


async def test_traits_that_are_masked_are_not_emptied(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        path = f"customers/{house.lin}/traits"
        refused = await patched(customers, path, {"preferences": None}, INSPECTION)
        assert (refused.status_code, refused.json()["fields"]) == (403, ["preferences"])
        assert (await house.get(path, {}))["preferences"] == "龙井茶"

        wang = f"customers/{house.shop}/people/{house.wang}"
        known = await patched(customers, wang, {"occupation": "美容师"}, {})
        assert known.status_code == 200, known.text
        refused = await patched(customers, wang, {"occupation": None}, INSPECTION)
        assert (refused.status_code, refused.json()["fields"]) == (403, ["occupation"])
        assert (await house.get(wang, {}))["occupation"] == "美容师"


@pytest.mark.parametrize("sent", [["shop@example.com"], ["s***@example.com"], []])
async def test_what_is_masked_by_role_alone_is_not_written_either(
    fresh_database: FreshDatabase, sent: list[str]
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        path = f"customers/{house.shop}"
        refused = await patched(customers, path, {"emails": sent}, bearer("logistics_manager"))
        assert (refused.status_code, refused.json().get("fields")) == (403, ["emails"]), (
            "whether it is right is not told"
        )
        assert (await house.get(path, {}))["emails"] == ["shop@example.com"]
