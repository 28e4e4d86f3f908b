"""Stores are found by part of their name and by how it sounds, whatever the number of stores."""

from typing import Any

import pytest

from services.customers.finding import queries as finding
from services.customers.finding.domain import NOT_SOUGHT, SILENT, heard, sought
from tests.customers.network import BASE, colleague, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

LIFE, ROSE, CITY = "美丽人生美容院", "玫瑰Rose 2店", "重庆女王"


async def found(customers: OneService, q: str, **more: Any) -> list[str]:
    answer = await customers.http.get(f"{BASE}/customers", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


def test_a_name_sounds_like_its_words() -> None:
    assert heard("重庆女王").spoken == "chongqingnvwang cqnw"
    assert heard("玫瑰rose2店").spoken == "meiguirose2dian mgr2d"
    assert heard("bellaspa") == SILENT


@pytest.mark.parametrize("query", ["美容", "m", "12", "mei-rong", "王mei"])
def test_what_cannot_be_pinyin_is_not_sought_as_such(query: str) -> None:
    assert sought(query) == NOT_SOUGHT


@pytest.mark.parametrize(
    "query, names",
    [
        ("meili", [LIFE]),
        ("ren sheng", [LIFE]),
        ("MEIRONG", [LIFE]),
        ("rensh", [LIFE]),
        ("mlrs", [LIFE]),
        ("rsm", [LIFE]),
        ("mei", [LIFE, ROSE]),
        ("chongqing", [CITY]),
        ("zhongqing", []),
        ("nvwang", [CITY]),
        ("nüwang", [CITY]),
        ("nw", [CITY]),
        ("rose", [ROSE]),
        ("gr2", [ROSE]),
        ("eiro", []),
        ("ilirensheng", []),
        ("meilx", []),
    ],
)
async def test_a_store_is_found_by_pinyin(fresh_database: FreshDatabase, query: str, names: list[str]) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for name in (LIFE, ROSE, CITY, "Bella SPA"):
            await store(customers, name=name)
        await customers.run_loops("customers.finding")

        assert await found(customers, query) == names


async def test_a_name_that_was_changed_is_heard_anew(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, name=LIFE)
        await customers.run_loops("customers.finding")

        answer = await customers.http.patch(
            f"{BASE}/customers/{shop}", json={"name": "春天"}, headers={"If-Match": '"1"'}
        )

        assert answer.status_code == 200, answer.text
        assert await found(customers, "mlrs") == []
        await customers.run_loops("customers.finding")
        assert await found(customers, "chuntian") == ["春天"]
        assert await customers.run_loops("customers.finding") == 0


async def test_frequent_names_are_met_one_after_the_other_and_seldom_ones_missed_by_nobody(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "OFTEN", 3)
    async with one_service(fresh_database, "customers") as customers:
        names = [f"{first}容院" for first in "美丽春夏秋冬花雨"]
        for name in names:
            await store(customers, name=name)
        await customers.run_loops("customers.finding")

        assert await found(customers, "容院") == names
        assert await found(customers, "rongyuan") == names
        pages = [await customers.http.get(f"{BASE}/customers", params={"q": "容院", "limit": 3})]
        while cursor := pages[-1].json()["next"]:
            pages.append(
                await customers.http.get(f"{BASE}/customers", params={"q": "容院", "limit": 3, "cursor": cursor})
            )
        assert [item["name"] for page in pages for item in page.json()["items"]] == names
        assert await found(customers, "院容") == []


async def test_a_tag_finds_whoever_has_it_that_the_caller_sees(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        named, tagged, other = [await store(customers, name=name) for name in ("茉莉院", "春天", "秋天")]
        for shop, tag in ((tagged, "茉莉花茶"), (other, "VIP 2026")):
            assert (await customers.http.post(f"{BASE}/customers/{shop}/tags", json={"tag": tag})).is_success
        seller = bearer("salesperson", who := await colleague(customers))
        await customers.http.put(f"{BASE}/customers/{named}/team", json={"salesperson": str(who)})

        for often in (finding.OFTEN, 1):
            monkeypatch.setattr(finding, "OFTEN", often)
            for more in ({}, {"kind": "store"}, {"sort": "updated"}):
                assert sorted(await found(customers, "茉莉", **more)) == ["春天", "茉莉院"]
                assert await found(customers, "茉莉花茶", **more) == ["春天"]
                assert await found(customers, "vip 2", **more) == ["秋天"]
                assert await found(customers, "2026", **more) == [], "the beginning of a tag, not a part of it"
            answer = await customers.http.get(f"{BASE}/customers", params={"q": "茉莉"}, headers=seller)
            assert [item["name"] for item in answer.json()["items"]] == ["茉莉院"]
