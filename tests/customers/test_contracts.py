"""Franchise contracts: what protects the network, also under concurrency, and how one is ended (domain 2.2)."""

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import asyncpg
import httpx
import pytest

from services.customers.contract_letters import handlers as sending
from services.customers.contracts import handlers as contracts
from services.customers.network import store as network
from services.customers.network.domain import Interval, Place, RegionCycle, check_tree, numbered
from shared.auth.principal import ADMIN
from shared.contracts.network import (
    ContractCorrected,
    ContractEnded,
    ContractEndingStepDone,
    ContractKeptOn,
    ContractSigned,
    ContractWithdrawn,
)
from shared.ids import new_id
from shared.paper.sheet import LetterSheet
from shared.paper.typesetting import typeset
from tests.customers.network import BASE, brand, colleague, made, nobody, region, store
from tests.customers.papers import page_text
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service, whole_network

DECEMBER = "2026-12-01"


def slug(answer: httpx.Response) -> tuple[int, str]:
    """Status, and the slug of a refusal."""
    return answer.status_code, answer.json().get("slug", "")


class Network:
    """Two stores, three brands, and a district with a street, beside another district."""

    x: UUID
    y: UUID
    m1: UUID
    m2: UUID
    h1: UUID
    lucheng: UUID
    ouhai: UUID
    street: UUID
    manager: UUID

    def __init__(self, customers: OneService) -> None:
        self.customers = customers

    @classmethod
    async def built(cls, customers: OneService) -> "Network":
        self = cls(customers)
        self.x, self.y = await store(customers, "X"), await store(customers, "Y")
        self.m1, self.m2 = await brand(customers), await brand(customers)
        self.h1 = await brand(customers, grade="high")
        self.lucheng, self.ouhai = await region(customers, "鹿城"), await region(customers, "瓯海")
        self.street = await self.inside(self.lucheng, "五马街")
        self.manager = await colleague(customers, "brand_manager")
        seats = {"brand_manager": str(self.manager)}
        assert (await customers.http.put(f"{BASE}/customers/{self.x}/team", json=seats)).status_code == 200
        return self

    async def inside(self, parent: UUID, name: str) -> UUID:
        answer = await self.customers.http.post(f"{BASE}/regions", json={"name": name, "parent_id": str(parent)})
        assert answer.status_code == 201, answer.text
        assert answer.json()["parent_id"] == str(parent)
        return UUID(answer.json()["id"])

    async def sign(
        self, customer: UUID, brand_id: UUID, where: UUID, starts_on: str = "2026-11-04", **more: Any
    ) -> httpx.Response:
        asked = {"customer_id": str(customer), "brand_id": str(brand_id), "region_id": str(where), **more}
        return await self.customers.http.post(f"{BASE}/contracts", json={**asked, "starts_on": starts_on})

    async def signed(self, customer: UUID, brand_id: UUID, where: UUID, **more: Any) -> str:
        answer = await self.sign(customer, brand_id, where, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def step(self, id_: str, step: str, role: str, who: UUID | None = None, **body: Any) -> httpx.Response:
        headers = bearer(role, who or (self.manager if role == "brand_manager" else new_id()))
        return await self.customers.http.post(f"{BASE}/contracts/{id_}/ending/{step}", json=body, headers=headers)

    async def end(self, id_: str, ends_on: str) -> None:
        assert (await self.step(id_, "confirm", "brand_manager", ends_on=ends_on)).status_code == 200
        assert (await self.step(id_, "approve", "general_manager")).status_code == 200

    async def read(self, id_: str) -> dict[str, Any]:
        answer = await self.customers.http.get(f"{BASE}/contracts/{id_}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def test_the_tree_is_numbered_so_that_a_region_holds_those_in_it() -> None:
    city, district, street, other = sorted(new_id() for _ in range(4))
    found = numbered([Place(street, district), Place(city, None), Place(other, None), Place(district, city)])
    assert found == {
        city: Interval(1, 6),
        district: Interval(2, 5),
        street: Interval(3, 4),
        other: Interval(7, 8),
    }
    places = [Place(city, district), Place(district, city), Place(other, None)]
    with pytest.raises(RegionCycle):
        check_tree(places, numbered(places))


@pytest.mark.example(16)
async def test_the_network_of_a_brand_is_protected(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng)

        for who, what, where, answer in (
            (net.y, net.m1, net.lucheng, (409, "same-brand")),
            (net.y, net.m2, net.lucheng, (201, "")),
            (net.x, net.m2, net.ouhai, (409, "same-grade")),
            (net.x, net.m2, net.lucheng, (409, "same-grade")),
            (net.x, net.h1, net.lucheng, (201, "")),
            (net.y, net.m1, net.ouhai, (201, "")),
            (net.y, net.m1, net.street, (409, "same-brand")),
        ):
            got = await net.sign(who, what, where)
            assert slug(got) == answer, (who, what, where)
            if got.status_code == 409:
                assert got.json()["contracts"] == [first]
            else:  # each is tried alone against the first
                withdrawn = await customers.http.post(f"{BASE}/contracts/{got.json()['id']}/withdrawal")
                assert withdrawn.json()["state"] == "withdrawn"


@pytest.mark.example(16)
async def test_a_contract_in_the_way_of_the_district_is_one_in_its_street(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        await net.signed(net.x, net.m1, net.street)

        assert slug(await net.sign(net.y, net.m1, net.lucheng)) == (409, "same-brand")
        assert slug(await net.sign(net.y, net.m1, net.ouhai)) == (201, "")


@pytest.mark.example(16)
async def test_two_who_sign_in_the_same_instant(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        for round_ in range(5):
            where = await net.inside(net.ouhai, f"街 {round_}")
            stores = [await store(customers, f"S {round_} {n}") for n in range(4)]

            answers = await asyncio.gather(*(net.sign(each, net.m1, where) for each in stores))

            assert sorted(slug(each) for each in answers) == [(201, ""), *[(409, "same-brand")] * 3]


async def test_the_database_itself_refuses_whoever_signs_beside_the_service(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng)
        with pytest.raises(Exception, match="contract_same_brand"):
            await customers.database.execute(
                "INSERT INTO contract (id, version, customer_id, brand_id, grade, region_id, lowest, highest, "
                "starts_on, same_brand, same_grade, region_grade, policy_version, signed_at, signed_by) "
                "SELECT $1, 1, $2, brand_id, grade, $3, (SELECT lowest FROM region WHERE id = $3), "
                "(SELECT highest FROM region WHERE id = $3), starts_on, true, true, false, 1, signed_at, signed_by "
                "FROM contract WHERE id = $4",
                new_id(), net.y, net.street, UUID(first),
            )  # fmt: skip


@pytest.mark.example(16)
async def test_an_ending_goes_step_by_step(fresh_database: FreshDatabase) -> None:
    """X's contract ends 1 Dec 00:00: Y from 30 Nov 409, from 1 Dec 201."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng)
        manager, general = net.manager, new_id()

        skipped = await net.step(id_, "approve", "general_manager", general)
        assert (slug(skipped), skipped.json()["missing"]) == ((409, "ending-step-skipped"), ["confirm"])
        assert slug(await net.step(id_, "confirm", "salesperson")) == (403, "forbidden")
        early = await net.step(id_, "confirm", "brand_manager", manager, ends_on="2026-11-03")
        assert slug(early) == (422, "contract-dates-refused")
        confirmed = await net.step(id_, "confirm", "brand_manager", manager, ends_on=DECEMBER, text="自愿放弃")
        assert (confirmed.json()["state"], confirmed.json()["ends_on"]) == ("ending", None)
        assert slug(await net.step(id_, "confirm", "brand_manager", manager)) == (409, "ending-step-done")
        assert slug(await net.step(id_, "approve", "general_manager", manager)) == (403, "own-confirmation")
        of_admin, admin = await net.signed(net.y, net.m2, net.ouhai), new_id()
        assert (await net.step(of_admin, "confirm", "admin", admin, ends_on=DECEMBER)).status_code == 200
        assert (await net.step(of_admin, "approve", "admin", admin)).status_code == 200, "who may do everything"
        assert slug(await net.sign(net.y, net.m1, net.lucheng, DECEMBER)) == (409, "same-brand"), "not settled yet"

        assert (await net.step(id_, "approve", "general_manager", general)).json()["ends_on"] == DECEMBER

        assert slug(await net.sign(net.y, net.m1, net.lucheng, "2026-11-30")) == (409, "same-brand")
        assert slug(await net.sign(net.y, net.m1, net.lucheng, DECEMBER)) == (201, "")
        assert slug(await net.step(id_, "aftercare", "cs_manager")) == (409, "ending-step-skipped")
        assert (await net.step(id_, "letter", "admin_dept")).status_code == 200
        done = await net.step(id_, "aftercare", "cs_manager")
        assert [each["step"] for each in done.json()["ending"]] == ["confirm", "approve", "letter", "aftercare"]
        customers.clock.move_to(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC))
        assert (await net.read(id_))["state"] == "ending"
        customers.clock.move_to(datetime(2026, 11, 30, 16, tzinfo=UTC))
        assert (await net.read(id_))["state"] == "ended", "the company's day"
        told = [each for each in await customers.facts(ContractEndingStepDone) if str(each.contract_id) == id_]
        assert [each.step for each in told] == ["confirm", "approve", "letter", "aftercare"]
        assert {str(each.ends_on) for each in told} == {DECEMBER}
        words = "SELECT words FROM contract_step WHERE step = 'confirm' AND contract_id = $1"
        row = await customers.database.fetchrow(words, id_)
        assert row is not None
        assert "自愿".encode() not in row["words"]


@pytest.mark.example(16)
async def test_with_the_third_rule_a_grade_has_one_customer_in_a_region(fresh_database: FreshDatabase) -> None:
    """From its day on, beside whatever stands; what stood before stays."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng)
        second = await net.signed(net.y, net.m2, net.lucheng)
        policy = {"region_grade": True}
        assert slug(
            await customers.http.post(f"{BASE}/network-policies", json={**policy, "starts_on": "2026-11-03"})
        ) == (
            422,
            "network-policy-refused",
        )
        added = await customers.http.post(f"{BASE}/network-policies", json=policy)
        assert (added.status_code, added.json()["version"]) == (201, 2)

        z, m3 = await store(customers, "Z"), await brand(customers)
        refused = await net.sign(z, m3, net.street)
        assert (slug(refused), set(refused.json()["contracts"])) == ((409, "region-grade"), {first, second})
        assert slug(await net.sign(z, net.h1, net.street)) == (201, "")
        assert slug(await net.sign(z, m3, net.ouhai)) == (201, "")

        assert (await customers.http.post(f"{BASE}/network-policies", json={})).json()["version"] == 3
        w, m4 = await store(customers, "W"), await brand(customers)
        assert slug(await net.sign(w, m4, net.ouhai)) == (201, ""), "off again"
        listed = (await customers.http.get(f"{BASE}/network-policies")).json()["items"]
        assert [(each["version"], each["region_grade"]) for each in listed] == [(3, False), (2, True), (1, False)]


@pytest.mark.example(16)
async def test_with_the_third_rule_another_brand_of_the_grade_is_refused(fresh_database: FreshDatabase) -> None:
    """Y with M2 in Lucheng, beside X's contract of before."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng)
        await customers.http.post(f"{BASE}/network-policies", json={"region_grade": True})

        refused = await net.sign(net.y, net.m2, net.lucheng)

        assert (slug(refused), refused.json()["contracts"]) == ((409, "region-grade"), [first])


async def test_the_days_of_a_contract_stay_while_it_is_being_ended(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng)
        await net.step(id_, "confirm", "brand_manager", ends_on=DECEMBER)
        for days in ({"ends_on": "2026-11-20"}, {"starts_on": "2027-01-01"}):
            answer = await customers.http.patch(f"{BASE}/contracts/{id_}", json=days, headers={"If-Match": "*"})
            assert slug(answer) == (409, "ending-under-way")
        said = await net.step(id_, "approve", "general_manager", ends_on="2026-12-24")
        assert slug(said) == (422, "contract-dates-refused")
        assert (await net.step(id_, "approve", "general_manager")).json()["ends_on"] == DECEMBER
        answer = await customers.http.patch(
            f"{BASE}/contracts/{id_}", json={"ends_on": None}, headers={"If-Match": "*"}
        )
        assert slug(answer) == (409, "ending-under-way")


async def test_signing_while_regions_are_added_and_moved(fresh_database: FreshDatabase) -> None:
    """A region more gives others new numbers: whoever signs meanwhile waits, and nobody meets a fault."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        stores = [await store(customers, f"S{n}") for n in range(8)]
        brands = [await brand(customers) for _ in stores]

        answers = await asyncio.gather(
            *(net.sign(who, what, net.street) for who, what in zip(stores, brands, strict=True)),
            *(
                customers.http.post(f"{BASE}/regions", json={"name": f"街{n}", "parent_id": str(net.lucheng)})
                for n in range(8)
            ),
        )

        assert {answer.status_code for answer in answers} == {201}
        rows = await customers.database.fetch(
            "SELECT c.id FROM contract c JOIN region r ON r.id = c.region_id "
            "WHERE (c.lowest, c.highest) = (r.lowest, r.highest)"
        )
        assert len(rows) == len(stores)


async def test_an_ending_is_called_off_before_it_is_approved(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng)
        path = f"{BASE}/contracts/{id_}/ending"
        assert slug(await customers.http.delete(path)) == (409, "not-ending")
        await net.step(id_, "confirm", "brand_manager", ends_on=DECEMBER)

        kept = await customers.http.delete(path)

        assert (kept.json()["state"], kept.json()["ending"]) == ("active", [])
        assert len(await customers.facts(ContractKeptOn)) == 1
        await net.end(id_, DECEMBER)
        assert slug(await customers.http.delete(path)) == (409, "not-ending")


async def test_a_region_moves_with_its_contracts_or_not_at_all(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        there = await net.signed(net.x, net.m1, net.lucheng)
        here = await net.signed(net.y, net.m1, net.ouhai)

        async def put(which: UUID, parent: UUID | None) -> tuple[int, str]:
            tag = (await customers.http.get(f"{BASE}/regions/{which}")).headers["ETag"]
            body = {"parent_id": str(parent) if parent else None}
            return slug(await customers.http.patch(f"{BASE}/regions/{which}", json=body, headers={"If-Match": tag}))

        moved = {"parent_id": str(net.lucheng)}
        path = f"{BASE}/regions/{net.ouhai}"
        refused = await customers.http.patch(path, json=moved, headers={"If-Match": "*"})
        assert (slug(refused), refused.json()["contracts"]) == ((409, "same-brand"), sorted([there, here]))
        assert await put(net.lucheng, net.street) == (422, "region-cycle")
        assert await put(net.lucheng, net.lucheng) == (422, "region-cycle")
        assert await put(net.street, nobody()) == (422, "unknown-region")
        assert await put(net.street, net.ouhai) == (200, "")
        z = await store(customers, "Z")
        m1_in_street = await net.sign(z, net.m1, net.street)
        assert slug(m1_in_street) == (409, "same-brand"), "it lies in the other district now"
        city = await region(customers, "温州")
        assert await put(net.street, city) == (200, "")
        assert slug(await net.sign(z, net.m1, net.street)) == (201, "")
        assert await put(city, net.ouhai) == (409, "same-brand")
        rows = await customers.database.fetch(
            "SELECT count(*) AS n FROM contract c JOIN region r ON r.id = c.region_id "
            "WHERE (c.lowest, c.highest) = (r.lowest, r.highest)"
        )
        assert rows[0]["n"] == 3, "contracts follow the numbers of their regions"


async def test_a_brand_of_another_grade_is_refused_where_a_customer_would_have_two(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        of_x = [await net.signed(net.x, net.m1, net.lucheng), await net.signed(net.x, net.h1, net.lucheng)]
        await net.signed(net.y, net.h1, net.ouhai)

        answer = await customers.http.patch(
            f"{BASE}/brands/{net.h1}", json={"grade": "mid"}, headers={"If-Match": '"1"'}
        )

        assert (slug(answer), answer.json()["contracts"]) == ((409, "same-grade"), sorted(of_x))
        assert (await customers.http.get(f"{BASE}/brands/{net.h1}")).json()["grade"] == "high"


async def test_a_brand_of_another_grade_is_refused_where_two_customers_would_have_it(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        await customers.http.post(f"{BASE}/network-policies", json={"region_grade": True})
        both = [await net.signed(net.x, net.m1, net.lucheng), await net.signed(net.y, net.h1, net.lucheng)]

        answer = await customers.http.patch(
            f"{BASE}/brands/{net.h1}", json={"grade": "mid"}, headers={"If-Match": '"1"'}
        )

        assert (slug(answer), answer.json()["contracts"]) == ((409, "region-grade"), sorted(both))


async def test_what_was_entered_wrongly_is_put_right(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng, external_no="HT-1")
        other = await net.signed(net.y, net.m1, net.ouhai)

        async def put_right(id_: str, body: dict[str, Any], version: int = 1) -> httpx.Response:
            told = {"reason": "录入有误", **body}
            return await customers.http.patch(
                f"{BASE}/contracts/{id_}", json=told, headers={"If-Match": f'"{version}"'}
            )

        refused = await put_right(other, {"region_id": str(net.street)})
        assert (slug(refused), refused.json()["contracts"]) == ((409, "same-brand"), [first])
        assert slug(await put_right(other, {"external_no": "HT-1"})) == (409, "external-no-taken")
        assert slug(await put_right(other, {"ends_on": "2026-11-04"})) == (422, "contract-dates-refused")
        assert slug(await put_right(other, {"brand_id": str(nobody())})) == (422, "unknown-brand")
        right = await put_right(other, {"starts_on": "2026-10-01"})
        assert (right.json()["starts_on"], right.headers["ETag"]) == ("2026-10-01", '"2"')
        assert slug(await put_right(other, {"starts_on": "2026-09-01"})) == (412, "stale")
        again = await customers.http.post(f"{BASE}/contracts/{first}/withdrawal")
        assert again.json()["state"] == "withdrawn"
        assert slug(await put_right(first, {"external_no": None}, 2)) == (409, "contract-ended")
        assert slug(await net.step(first, "confirm", "brand_manager")) == (409, "contract-ended")
        facts = await customers.facts(ContractSigned), await customers.facts(ContractCorrected)
        assert [len(each) for each in facts] == [2, 1]
        assert [str(each.contract_id) for each in await customers.facts(ContractWithdrawn)] == [first]


async def test_a_correction_has_a_reason_and_ends_nothing(fresh_database: FreshDatabase) -> None:
    """Days that were entered wrongly are put right; what would end the contract goes by the procedure."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        term = await net.signed(net.x, net.m1, net.lucheng, ends_on="2027-11-04")
        open_ended = await net.signed(net.y, net.m2, net.ouhai)

        async def corrected(id_: str, **body: Any) -> httpx.Response:
            return await customers.http.patch(f"{BASE}/contracts/{id_}", json=body, headers={"If-Match": "*"})

        silent = await corrected(term, ends_on="2028-11-04")
        assert (slug(silent), silent.json()["errors"][0]["pointer"]) == ((422, "correction-unexplained"), "#/reason")
        for id_, day in ((term, "2027-11-03"), (term, "2026-11-05"), (open_ended, "2030-01-01")):
            ended = await corrected(id_, ends_on=day, reason="写错了")
            assert slug(ended) == (409, "ending-by-procedure"), day
            assert "ending/confirm" in ended.json()["detail"]
        assert slug(await corrected(term, starts_on="2026-11-05", reason="写错了")) == (409, "ending-by-procedure")
        assert (await corrected(term, external_no="HT-9")).status_code == 200, "a number alone needs no reason"
        right = await corrected(term, starts_on="2026-10-01", ends_on="2028-11-04", reason="合同为两年")
        assert (right.status_code, right.json()["ends_on"]) == (200, "2028-11-04")

        listed = (await customers.http.get(f"{BASE}/contracts/{term}/corrections")).json()["items"]
        assert [(each["version"], each["reason"]) for each in listed] == [(3, "合同为两年"), (2, None)]
        assert listed[0]["before"] == {"starts_on": "2026-11-04", "ends_on": "2027-11-04"}
        assert listed[0]["after"] == {"starts_on": "2026-10-01", "ends_on": "2028-11-04"}
        sealed = await customers.database.fetchval("SELECT reason FROM contract_correction WHERE reason IS NOT NULL")
        assert "两年".encode() not in sealed
        audited = await customers.database.fetchval(
            "SELECT count(*) FROM audit_entry WHERE what = 'contract.corrected'"
        )
        assert audited == 2


async def test_the_days_of_a_contract_that_is_over_are_put_right(fresh_database: FreshDatabase) -> None:
    """What ended before anybody wrote it down goes by the procedure; a day of what is over is put right by a reason."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        forgotten = await net.signed(net.x, net.m1, net.lucheng, starts_on="2025-01-01")
        term = await net.signed(net.y, net.m2, net.ouhai, starts_on="2025-01-01", ends_on="2026-01-01")

        async def corrected(id_: str, **days: str | None) -> httpx.Response:
            body, newest = {**days, "reason": "写错了"}, {"If-Match": "*"}
            return await customers.http.patch(f"{BASE}/contracts/{id_}", json=body, headers=newest)

        assert slug(await corrected(forgotten, ends_on="2026-03-01")) == (409, "ending-by-procedure")
        await net.step(forgotten, "confirm", "brand_manager", ends_on="2026-03-01")
        assert slug(await corrected(forgotten, ends_on="2026-02-01")) == (409, "ending-under-way")
        ended = (await net.step(forgotten, "approve", "general_manager")).json()
        assert (ended["state"], ended["ends_on"]) == ("ended", "2026-03-01")
        assert slug(await net.sign(net.y, net.m1, net.lucheng, "2026-03-01")) == (201, ""), "the place is free since"

        assert (await corrected(term, ends_on="2025-07-01")).json()["ends_on"] == "2025-07-01"
        earlier = (await corrected(forgotten, ends_on="2026-02-01")).json()
        assert [earlier[each] for each in ("state", "ends_on", "asked_end")] == ["ended", "2026-02-01", "2026-02-01"]
        assert slug(await corrected(forgotten, ends_on="2026-04-01")) == (409, "same-brand"), "it would hold beside Y's"
        for again in ("2027-01-01", None):
            assert slug(await corrected(forgotten, ends_on=again)) == (409, "contract-ended")
        assert (await net.step(forgotten, "letter", "admin_dept")).status_code == 200
        assert [str(each.ends_on) for each in await customers.facts(ContractEndingStepDone)] == [
            "2026-03-01", "2026-03-01", "2026-02-01",
        ]  # fmt: skip


async def test_what_was_said_at_a_step_is_read_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng)
        await net.step(id_, "confirm", "brand_manager", ends_on=DECEMBER, text="王姐自愿放弃")
        await net.step(id_, "approve", "general_manager")

        read = await net.read(id_)

        assert [(each["step"], each["text"]) for each in read["ending"]] == [
            ("confirm", "王姐自愿放弃"),
            ("approve", None),
        ]


async def test_the_joint_letter_is_set_once_the_ending_is_approved(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        await _profile(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng, external_no="HT-2026-001")
        path = f"{BASE}/contracts/{id_}/letter.pdf"
        await net.step(id_, "confirm", "brand_manager", ends_on=DECEMBER)
        early = await customers.http.get(path)
        assert (slug(early), early.json()["missing"]) == ((409, "ending-step-skipped"), ["approve"])
        await net.step(id_, "approve", "general_manager")
        writer = await colleague(customers, "admin_dept", name="陈静")
        await net.step(id_, "letter", "admin_dept", writer)

        chinese, english = await customers.http.get(path), await customers.http.get(path, params={"language": "en"})

        assert (chinese.status_code, chinese.headers["content-type"]) == (200, "application/pdf")
        said = page_text(chinese.content)
        for words in (
            "温州美业有限公司", "投诉热线400-888-1234", "HT-2026-001", "X：", "“雅丽”", "鹿城", "2026年12月1日零时起",
            "自愿放弃", "品牌部孙浩", "行政部陈静", "2026年11月4日",
        ):  # fmt: skip
            assert words in said, words
        assert b"NotoSerifSC" in chinese.content, "embedded"
        for words in ("Wenzhou Beauty", "DearX,", "endson1December2026", "Branddepartment", "孙浩"):
            assert words.replace(" ", "") in page_text(english.content), words
        stranger = bearer("cs_manager", await colleague(customers, "cs_manager"))
        assert (await customers.http.get(path, headers=stranger)).status_code == 200, "who cares afterwards"
        unseen = bearer("brand_manager", await colleague(customers, "brand_manager"))
        assert slug(await customers.http.get(path, headers=unseen)) == (404, "no-such-contract")


async def test_a_letter_to_a_person_is_entered_in_the_audit(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        person = UUID((await made(customers, "customers", {"name": "王丽", "kind": "person"}))["id"])
        id_ = await net.signed(person, net.m2, net.lucheng)
        await net.step(id_, "confirm", "sales_manager", new_id(), ends_on=DECEMBER)
        answer = await customers.http.get(f"{BASE}/contracts/{id_}")
        assert answer.json()["ending"] == [], "who does not see a customer ends no contract of theirs"
        manager = await colleague(customers, "brand_manager")
        seats = {"brand_manager": str(manager)}
        await customers.http.put(f"{BASE}/customers/{person}/team", json=seats)
        await net.step(id_, "confirm", "brand_manager", manager, ends_on=DECEMBER)
        await net.step(id_, "approve", "general_manager")

        letter = await customers.http.get(f"{BASE}/contracts/{id_}/letter.pdf")

        assert "王丽：" in page_text(letter.content)
        entered = await customers.database.fetch("SELECT subject FROM audit_entry WHERE what = 'customer.unmasked'")
        assert [row["subject"] for row in entered] == [person]


async def test_a_letter_is_read_as_it_was_sent_until_the_person_is_erased(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        await _profile(customers)
        person = UUID((await made(customers, "customers", {"name": "王丽", "kind": "person"}))["id"])
        id_ = await net.signed(person, net.m2, net.lucheng, external_no="HT-7")
        manager = await colleague(customers, "brand_manager")
        seated = await customers.http.put(f"{BASE}/customers/{person}/team", json={"brand_manager": str(manager)})
        assert seated.status_code in (200, 201), seated.text
        await net.step(id_, "confirm", "brand_manager", manager, ends_on=DECEMBER)
        await net.step(id_, "approve", "general_manager")
        path = f"{BASE}/contracts/{id_}/letter.pdf"
        assert "王丽：" in page_text((await customers.http.get(path)).content), "a draft"
        await net.step(id_, "letter", "admin_dept")
        spoken = ({"language": "zh-CN"}, {"language": "en"})
        sent = [(await customers.http.get(path, params=each)).content for each in spoken]
        assert [word in page_text(each) for word, each in zip(("王丽：", "Dear王丽,"), sent, strict=True)] == [
            True,
            True,
        ]

        any_version = {"If-Match": "*"}
        for what, change in ((f"customers/{person}", {"name": "李丽"}), (f"contracts/{id_}", {"external_no": "HT-8"})):
            changed = await customers.http.patch(f"{BASE}/{what}", json=change, headers=any_version)
            assert changed.status_code == 200, changed.text
        await _profile(customers, "400-000-0000", any_version)

        assert [(await customers.http.get(path, params=each)).content for each in spoken] == sent, "byte for byte"
        letters = [f"customers/contract_letters/{id_}-{language}.pdf" for language in ("en", "zh-CN")]
        assert await _letters_given(customers, person) == dict(zip(letters, sent[::-1], strict=True))
        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(person), "reason": "asked"})
        assert gone.status_code == 202, gone.text
        assert await _letters_given(customers, person) == {}
        assert slug(await customers.http.get(path)) == (409, "letter-erased")
        assert await customers.database.fetchval("SELECT count(sealed) FROM contract_letter") == 0


async def _letters_given(customers: OneService, person: UUID) -> dict[str, bytes]:
    """The files that the export of a person names among the letters to them."""
    answer = await customers.http.get(f"{BASE}/persons/{person}/export")
    with ZipFile(io.BytesIO(answer.content)) as archive:
        named = [each["file"] for each in json.loads(archive.read("customers/contract_letters.json"))]
        return {f"customers/{each}": archive.read(f"customers/{each}") for each in named}


async def test_a_letter_is_set_outside_of_any_transaction_and_once(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key as without: nobody waits for a letter that is being set, and the same request answers the same."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng)
        await net.end(id_, DECEMBER)
        open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        beside = await asyncpg.connect(customers.database.url)
        meanwhile: list[int] = []

        async def watched(sheets: Sequence[LetterSheet]) -> bytes:
            meanwhile.append(await beside.fetchval(open_ones))
            return await typeset(sheets)

        monkeypatch.setattr(sending, "typeset", watched)
        keyed = {**bearer("admin_dept", new_id()), "Idempotency-Key": "letter-1"}

        async def send(body: dict[str, str]) -> httpx.Response:
            return await customers.http.post(f"{BASE}/contracts/{id_}/ending/letter", json=body, headers=keyed)

        answers = [await send({"text": "已寄出"}) for _ in range(2)]
        await beside.close()

        assert meanwhile == [0, 0], "two languages, once"
        assert [each.status_code for each in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
        assert [each.headers.get("Idempotency-Replayed") for each in answers] == [None, "true"]
        assert slug(await send({"text": "又寄出"})) == (422, "idempotency-key-reused")
        assert [each.step for each in await customers.facts(ContractEndingStepDone)].count("letter") == 1


async def test_a_letter_whose_contract_changes_all_the_time_is_not_set_for_ever(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        id_ = await net.signed(net.x, net.m1, net.lucheng)
        await net.end(id_, DECEMBER)
        numbers = iter(range(20))

        async def overtaken(_: Sequence[LetterSheet]) -> bytes:
            path, change = f"{BASE}/contracts/{id_}", {"external_no": f"HT-{next(numbers)}"}
            assert (await customers.http.patch(path, json=change, headers={"If-Match": "*"})).status_code == 200
            return b"%PDF"

        monkeypatch.setattr(sending, "typeset", overtaken)
        assert slug(await net.step(id_, "letter", "admin_dept")) == (503, "busy")
        assert (await net.read(id_))["ending"][-1]["step"] == "approve"


async def test_nothing_is_written_about_the_contract_of_who_was_erased(fresh_database: FreshDatabase) -> None:
    """Steps go on without words; there is nobody to write a letter to."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        person = UUID((await made(customers, "customers", {"name": "王丽", "kind": "person"}))["id"])
        id_ = await net.signed(person, net.m2, net.lucheng)
        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(person), "reason": "asked"})
        assert gone.status_code == 202, gone.text

        said = await net.step(id_, "confirm", ADMIN, ends_on=DECEMBER, text="王丽自愿放弃")
        assert slug(said) == (409, "person-erased")
        reason = {"starts_on": "2026-11-01", "reason": "王丽说错了"}
        right = await customers.http.patch(f"{BASE}/contracts/{id_}", json=reason, headers={"If-Match": "*"})
        assert slug(right) == (409, "person-erased")
        assert (await net.step(id_, "confirm", ADMIN, ends_on=DECEMBER)).status_code == 200
        assert (await net.step(id_, "approve", ADMIN)).status_code == 200
        assert slug(await customers.http.get(f"{BASE}/contracts/{id_}/letter.pdf")) == (409, "person-erased")
        assert slug(await net.step(id_, "letter", ADMIN)) == (409, "person-erased")


async def test_a_letter_that_no_font_can_show_is_refused(fresh_database: FreshDatabase) -> None:
    """It says where the characters stand; what they are may be personal."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        shop = await store(customers, "𠮷美")
        id_ = await net.signed(shop, net.m2, await region(customers, "😀区"), external_no="HT-1")
        assert (await net.step(id_, "confirm", ADMIN, ends_on=DECEMBER)).status_code == 200
        assert (await net.step(id_, "approve", ADMIN)).status_code == 200

        for refused in (
            await customers.http.get(f"{BASE}/contracts/{id_}/letter.pdf"),
            await net.step(id_, "letter", ADMIN),
        ):
            assert (slug(refused), refused.json()["places"]) == ((409, "letter-unprintable"), ["customer", "region"])
            assert "𠮷" not in refused.text


async def test_the_end_of_a_contract_is_told_on_its_day(fresh_database: FreshDatabase) -> None:
    """Once, by the company's day; and anew where a correction has moved it."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        ended = await net.signed(net.x, net.m1, net.lucheng)
        term = await net.signed(net.y, net.m2, net.ouhai, ends_on=DECEMBER)
        gone = await net.signed(net.y, net.h1, net.ouhai, ends_on=DECEMBER)
        await net.end(ended, DECEMBER)
        await customers.http.post(f"{BASE}/contracts/{gone}/withdrawal")
        customers.clock.move_to(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC))
        await customers.run_loops()
        assert await customers.facts(ContractEnded) == []

        customers.clock.move_to(datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
        for _ in range(2):
            await customers.run_loops()

        told = {str(each.contract_id): each for each in await customers.facts(ContractEnded)}
        assert {id_: each.by_procedure for id_, each in told.items()} == {ended: True, term: False}
        assert {each.at for each in told.values()} == {datetime(2026, 11, 30, 16, tzinfo=UTC)}
        longer = {"ends_on": "2026-12-05", "reason": "写错了"}
        answer = await customers.http.patch(f"{BASE}/contracts/{term}", json=longer, headers={"If-Match": "*"})
        assert answer.json()["state"] == "active"
        customers.clock.move_to(datetime(2026, 12, 5, tzinfo=UTC))
        await customers.run_loops()
        assert [str(each.contract_id) for each in await customers.facts(ContractEnded)].count(term) == 2


async def test_a_renewal_starts_when_the_present_term_ends(fresh_database: FreshDatabase) -> None:
    """One that overlaps is refused, and says until when the present one runs."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        first = await net.signed(net.x, net.m1, net.lucheng, ends_on=DECEMBER)

        early = await net.sign(net.x, net.m1, net.lucheng, starts_on="2026-11-30", ends_on="2027-12-01")
        assert slug(early) == (409, "same-brand")
        assert (early.json()["contracts"], early.json()["until"]) == ([first], [DECEMBER])
        assert f"runs until {DECEMBER}" in early.json()["detail"]
        around = await net.sign(net.x, net.m1, net.street, starts_on="2026-11-30")
        assert (slug(around), around.json()["until"]) == ((409, "same-brand"), [DECEMBER]), "a street of it"
        others = await net.sign(net.y, net.m1, net.lucheng, starts_on="2026-11-30")
        assert (others.json()["contracts"], others.json()["until"]) == ([first], []), "it is not theirs"

        second = await net.signed(net.x, net.m1, net.lucheng, starts_on=DECEMBER)
        assert [(await net.read(each))["state"] for each in (first, second)] == ["active", "agreed"]
        third = await net.sign(net.x, net.m1, net.lucheng, starts_on="2028-12-01")
        assert (slug(third), third.json()["until"]) == ((409, "same-brand"), [])
        assert "runs until it is ended" in third.json()["detail"]


async def test_what_is_signed_says_which_contract_it_follows(fresh_database: FreshDatabase) -> None:
    """The same brand of the same customer, however late it is signed; not what was ended by the procedure."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        elsewhere = await net.signed(net.x, net.m1, net.ouhai, starts_on="2025-01-01", ends_on="2026-10-01")
        first = await net.signed(net.x, net.m1, net.lucheng, starts_on="2025-01-01", ends_on="2026-09-01")
        ended = await net.signed(net.y, net.m2, net.lucheng, starts_on="2025-01-01")
        assert (await net.step(ended, "confirm", ADMIN, ends_on="2026-11-01")).status_code == 200
        assert (await net.step(ended, "approve", ADMIN)).status_code == 200

        second = await net.signed(net.x, net.m1, net.lucheng, starts_on="2026-09-01")
        third = await net.signed(net.x, net.m1, net.ouhai, starts_on="2026-11-01")
        anew = await net.signed(net.y, net.m2, net.lucheng)

        told = {str(each.contract_id): each.renews for each in await customers.facts(ContractSigned)}
        assert told == {
            elsewhere: None, first: None, ended: None, anew: None, second: UUID(first), third: UUID(elsewhere),
        }  # fmt: skip


async def test_the_end_of_a_term_says_whether_the_customer_goes_on_with_the_brand(
    fresh_database: FreshDatabase,
) -> None:
    """Once, also when nobody looked for days; one that was withdrawn, or is of another brand, is no renewal."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        renewed = await net.signed(net.x, net.m1, net.lucheng, ends_on=DECEMBER)
        await net.signed(net.x, net.m1, net.lucheng, starts_on=DECEMBER)
        await net.signed(net.x, net.h1, net.lucheng)
        left = await net.signed(net.y, net.m2, net.ouhai, ends_on=DECEMBER)
        mistaken = await net.signed(net.y, net.m2, net.ouhai, starts_on=DECEMBER)
        assert (await customers.http.post(f"{BASE}/contracts/{mistaken}/withdrawal")).status_code == 200

        customers.clock.move_to(datetime(2026, 12, 9, tzinfo=UTC))
        for _ in range(2):
            await customers.run_loops()

        told = await customers.facts(ContractEnded)
        assert {(str(each.contract_id), each.renewed, each.by_procedure) for each in told} == {
            (renewed, True, False),
            (left, False, False),
        }
        assert len(told) == 2
        assert {each.at for each in told} == {datetime(2026, 11, 30, 16, tzinfo=UTC)}, "at its moment, however late"


async def test_an_end_is_told_anew_when_who_follows_it_changes(fresh_database: FreshDatabase) -> None:
    """A renewal that is withdrawn, of another brand after all, or signed late in whichever region; old ends stay told,
    and what begins decades later is no renewal."""
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        history = await net.signed(net.x, net.m1, net.street, starts_on="2019-01-01", ends_on="2020-01-01")
        ended = await net.signed(net.x, net.m1, net.lucheng, ends_on=DECEMBER)
        renewal = await net.signed(net.x, net.m1, net.lucheng, starts_on=DECEMBER)
        other = await net.signed(net.y, net.m2, net.ouhai, ends_on=DECEMBER)
        await net.signed(net.y, net.m2, net.ouhai, starts_on="2056-01-01")

        async def told() -> list[tuple[str, bool]]:
            await customers.run_loops()
            await customers.run_loops()
            return [(str(each.contract_id), each.renewed) for each in await customers.facts(ContractEnded)]

        customers.clock.move_to(datetime(2026, 12, 6, tzinfo=UTC))
        begun = await told()
        assert sorted(begun) == sorted([(ended, True), (other, False)]), history
        assert (await customers.http.post(f"{BASE}/contracts/{renewal}/withdrawal")).status_code == 200
        assert (await told())[2:] == [(ended, False)]
        elsewhere = await net.signed(net.x, net.m1, net.ouhai, starts_on="2026-11-20")
        assert (await told())[3:] == [(ended, True)]
        wrong = {"brand_id": str(net.h1), "reason": "another brand"}
        path = f"{BASE}/contracts/{elsewhere}"
        answer = await customers.http.patch(path, json=wrong, headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
        assert (await told())[4:] == [(ended, False)]


async def test_care_does_its_errands_after_a_term_that_was_not_renewed(fresh_database: FreshDatabase) -> None:
    """From the day on which it is over, told of once; a renewal that is signed late ends them again."""
    async with whole_network(fresh_database) as network:
        http, admin = network.http, bearer()

        async def made_of(kind: str, /, **body: Any) -> str:
            answer = await http.post(f"{BASE}/{kind}", json=body, headers=admin)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        shops = [await made_of("customers", name=name, kind="store") for name in ("一店", "二店")]
        of_brand = {"brand_id": await made_of("brands", name="雅丽", grade="mid"), "starts_on": "2026-01-01"}
        signed = [
            {**of_brand, "customer_id": shop, "region_id": await made_of("regions", name=name), "ends_on": DECEMBER}
            for shop, name in zip(shops, ("鹿城", "瓯海"), strict=True)
        ]
        left, renewed = [await made_of("contracts", **each) for each in signed]
        following = {"starts_on": DECEMBER, "ends_on": None}
        await made_of("contracts", **{**signed[1], **following})

        async def owed(contract: str) -> list[str]:
            return [each["state"] for each in (await _contract(http, contract))["aftercare"]]

        network.clock.move_to(datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
        await network.drain()
        assert (await owed(left), await owed(renewed)) == ([], [])
        network.clock.move_to(datetime(2026, 12, 3, tzinfo=UTC))
        await network.drain()
        assert (await owed(left), await owed(renewed)) == (["open"] * 3, [])
        await made_of("contracts", **{**signed[0], **following})
        await network.drain()
        assert await owed(left) == ["dropped"] * 3


async def _contract(http: httpx.AsyncClient, id_: str) -> dict[str, Any]:
    answer = await http.get(f"{BASE}/contracts/{id_}", headers=bearer())
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_nobody_who_signs_is_waited_for_before_an_end_is_due(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        await net.signed(net.x, net.m1, net.lucheng, ends_on=DECEMBER)

        async with customers.database.transaction() as signing:
            await network.hold(signing)
            assert await contracts.tell_ends(customers.service.context) == 0


async def _profile(customers: OneService, line: str = "400-888-1234", headers: dict[str, str] | None = None) -> None:
    profile = {
        "names": {"zh-CN": "温州美业有限公司", "en": "Wenzhou Beauty Ltd"},
        "addresses": {"zh-CN": "温州市鹿城区车站大道1号", "en": "1 Chezhan Avenue, Wenzhou"},
        "line": line,
        "languages": ["zh-CN", "en"],
        "signatories": [{"names": {"zh-CN": "陈静", "en": "Chen Jing"}, "titles": {"zh-CN": "行政部", "en": "Office"}}],
    }
    answer = await customers.http.put(f"{BASE}/company-profile", json=profile, headers=headers)
    assert answer.status_code == 200, answer.text


async def test_contracts_are_listed_with_names(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        old = await net.signed(net.x, net.m1, net.street, starts_on="2025-01-01", ends_on="2026-01-01")
        now = await net.signed(net.x, net.m1, net.lucheng)
        other = await net.signed(net.y, net.m2, net.ouhai, starts_on=DECEMBER)

        async def listed(**filters: str) -> list[str]:
            answer = await customers.http.get(f"{BASE}/contracts", params=filters)
            assert answer.status_code == 200, answer.text
            return [each["id"] for each in answer.json()["items"]]

        assert await listed() == [other, now, old]
        assert await listed(customer_id=str(net.x)) == [now, old]
        assert await listed(region_id=str(net.lucheng)) == [now, old]
        assert await listed(region_id=str(net.street)) == [old]
        assert await listed(holds_on="2026-11-10") == [now]
        assert await listed(brand_id=str(net.m2)) == [other]
        await net.step(now, "confirm", "brand_manager", ends_on=DECEMBER)
        assert await listed(ending="true") == [now]
        assert [(await net.read(each))["state"] for each in (old, now, other)] == ["ended", "ending", "agreed"]
        read = await net.read(now)
        assert (read["customer_name"], read["region_name"], read["grade"]) == ("X", "鹿城", "mid")
        stranger = await colleague(customers)
        seen = await customers.http.get(f"{BASE}/contracts/{now}", headers=bearer("salesperson", stranger))
        assert slug(seen) == (404, "no-such-contract")


async def test_what_cannot_be_signed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        net = await Network.built(customers)
        assert slug(await net.sign(nobody(), net.m1, net.lucheng)) == (422, "unknown-customer")
        assert slug(await net.sign(net.x, nobody(), net.lucheng)) == (422, "unknown-brand")
        assert slug(await net.sign(net.x, net.m1, nobody())) == (422, "unknown-region")
        assert slug(await net.sign(net.x, net.m1, net.lucheng, "2026-02-30")) == (422, "invalid")
        assert slug(await net.sign(net.x, net.m1, net.lucheng, ends_on="2026-11-04")) == (422, "contract-dates-refused")
        assert slug(await customers.http.get(f"{BASE}/contracts/{nobody()}")) == (404, "no-such-contract")
        assert (await customers.http.get(f"{BASE}/contracts")).json()["items"] == []
