"""The legal name, the licence and the credit rating of customers, wherever a field of the archive goes (domain 2.1)."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.customers import CustomerRegistered, CustomerUpdated
from shared.ids import new_id
from shared.licences import licence_no
from tests.customers.importing import csv_of, imported, xlsx_of
from tests.customers.network import BASE, colleague, made, slug, store
from tests.customers.test_archive import found
from tests.customers.test_archive_history import changed, history, told
from tests.customers.test_duplicates import change
from tests.customers.test_erasures import erased
from tests.customers.test_exports import rows
from tests.customers.test_merging import merged, read, unmerged
from tests.customers.test_person_exports import exported
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

CODE, OTHER_CODE = "91110000600037341L", "92330302MA2ABCDE7G"
LEGAL: dict[str, Any] = {"legal_name": "温州市美丽人生美容有限公司", "licence_no": CODE, "credit_rating": "AA"}
OWN: dict[str, Any] = {"legal_name": "王小明个体经营部", "licence_no": CODE, "credit_rating": "B"}
WRONG = OTHER_CODE[:-1] + "X"
PARTNER = bearer("partner", new_id())
WRITTEN = ("legal_name", "licence_no", "credit_rating")


def said(customer: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(customer[name] for name in WRITTEN)


async def registered(customers: OneService, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/customers", json={"name": "美丽人生", **body}, headers=headers or {})


async def person(customers: OneService) -> UUID:
    return UUID((await made(customers, "customers", {"name": "王小明", "kind": "person", **OWN}))["id"])


@pytest.mark.parametrize(
    "written, kept",
    [
        ("９１１１０００0 6000 37341l", CODE),
        ("911100006000-37341-L", CODE),
        ("330302600123456", "330302600123456"),
        ("京朝 工商字 110105 号", "京朝工商字110105号"),
        ("hrb 12345-b", "HRB12345-B"),
        ("A" * 64, "A" * 64),
    ],
)
def test_a_licence_number_is_folded(written: str, kept: str) -> None:
    assert licence_no(written) == kept
    assert licence_no(kept) == kept


@pytest.mark.parametrize("wrong", ["91110000600037342L", "9111000060003734IL", "", " ", "A" * 65])
def test_what_is_no_licence_number_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"licence|code"):
        licence_no(wrong)


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_unified_code_is_seen(place: int, character: str) -> None:
    wrong = CODE[:place] + character + CODE[place + 1 :]
    if wrong == CODE:
        assert licence_no(wrong) == CODE
    else:
        with pytest.raises(ValueError, match="check digit"):
            licence_no(wrong)


async def test_it_is_said_changed_and_kept_in_the_history(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, legal_name=" 美丽人生 有限公司 ", licence_no="9111 0000 6000 3734 1l")
        assert said(await read(customers, shop)) == ("美丽人生 有限公司", CODE, None)

        await changed(customers, f"customers/{shop}", {**LEGAL, "licence_no": " 工商 330302 "})
        assert said(await read(customers, shop)) == (LEGAL["legal_name"], "工商330302", "AA")
        answer = await customers.http.patch(
            f"{BASE}/customers/{shop}", json={"licence_no": WRONG}, headers={"If-Match": "*"}
        )
        assert slug(answer) == (422, "invalid")
        assert WRONG not in answer.text
        await changed(customers, f"customers/{shop}", dict.fromkeys(WRITTEN))

        kept = await history(customers, shop, **{"Accept-Language": "zh-CN"})
        assert sorted(told(kept), key=str) == sorted(
            [
                ("legal_name", "美丽人生 有限公司", LEGAL["legal_name"]), ("licence_no", CODE, "工商330302"),
                ("credit_rating", None, "AA"), ("legal_name", LEGAL["legal_name"], None),
                ("licence_no", "工商330302", None), ("credit_rating", "AA", None),
            ],
            key=str,
        )  # fmt: skip
        assert {each["field"]: each["label"] for each in kept} == {
            "legal_name": "法定名称", "licence_no": "统一社会信用代码", "credit_rating": "信用等级"
        }  # fmt: skip


async def test_a_persons_is_sealed_masked_and_gone_with_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = await person(customers)
        await change(customers, id_, licence_no=OTHER_CODE)
        kept = str([dict(row) for row in await customers.database.fetch("SELECT * FROM archive")])
        kept += str([dict(row) for row in await customers.database.fetch("SELECT * FROM archive_change")])
        kept += str([await customers.facts(CustomerRegistered), await customers.facts(CustomerUpdated)])
        for secret in (OWN["legal_name"], CODE, OTHER_CODE):
            assert secret not in kept
            assert str(secret.encode())[2:-1] not in kept
        assert said(await read(customers, id_)) == (OWN["legal_name"], OTHER_CODE, "B")
        given_to = (await exported(customers, str(id_)))["profile"]
        assert {OWN["legal_name"], OTHER_CODE, "B"} <= set(map(str, given_to[0].values()))

        seen = (await customers.http.get(f"{BASE}/customers/{id_}", headers=PARTNER)).json()
        assert said(seen) == ("王**", None, None)
        assert {"legal_name", "licence_no"} <= set(seen["masked"])

        await erased(customers, customer_id=str(id_))
        assert said(await read(customers, id_)) == (None, None, None)
        row = await customers.database.fetchrow("SELECT legal, traces, credit_rating FROM archive")
        assert row is not None
        assert tuple(row) == (None, [], None)


async def test_a_stores_is_no_secret_but_the_rating(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, **LEGAL)
        seen = (await customers.http.get(f"{BASE}/customers/{shop}", headers=PARTNER)).json()
        assert said(seen) == (LEGAL["legal_name"], CODE, None)
        assert "licence_no" not in seen["masked"]


async def test_a_store_is_found_by_part_of_its_legal_name_and_by_its_licence(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "靓点", **LEGAL)
        await store(customers, "别家", legal_name="丽水人家 Bella ＧＭＢＨ")
        await person(customers)
        for query, names in (
            ("人生美容有限", ["靓点"]), ("温州市", ["靓点"]), ("la gmb", ["别家"]), ("丽人生水", []),
            (CODE, ["靓点", "王小明"]), (CODE.lower(), ["靓点", "王小明"]), (CODE[:-1], []),
            ("王小明个体经营部", ["王小明"]), ("个体经营", []),
        ):  # fmt: skip
            assert await found(customers, q=query) == names, query
            assert await found(customers, q=query, sort="name") == names, query
        of_partner = await customers.http.get(f"{BASE}/customers", params={"q": CODE}, headers=PARTNER)
        assert [each["name"] for each in of_partner.json()["items"]] == ["靓点"], "a person's is masked for them"
        await change(customers, shop, legal_name=None)
        assert await found(customers, q="温州市") == []


async def test_managers_rate_credit(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers)
        answer = await registered(customers, bearer("salesperson", seller), credit_rating="A")
        assert slug(answer) == (403, "credit-rating-refused")
        shop = (await registered(customers, bearer("salesperson", seller))).json()["id"]
        await customers.http.put(
            f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)}, headers={"If-Match": "*"}
        )

        async def rated(role: str, by: UUID, rating: str | None, **more: Any) -> httpx.Response:
            headers = {"If-Match": "*", **bearer(role, by)}
            body = {"credit_rating": rating, **more}
            return await customers.http.patch(f"{BASE}/customers/{shop}", json=body, headers=headers)

        for role, rating in (("cs_manager", "AAA"), ("sales_manager", "C"), ("admin_dept", "A")):
            by = await colleague(customers, role)
            await customers.http.put(
                f"{BASE}/customers/{shop}/team",
                json={"salesperson": str(seller), role: str(by)}
                if role != "admin_dept"
                else {"salesperson": str(seller)},
                headers={"If-Match": "*"},
            )
            assert (await rated(role, by, rating)).json()["credit_rating"] == rating
        assert slug(await rated("salesperson", seller, None)) == (403, "credit-rating-refused")
        same = await rated("salesperson", seller, "A", address="百里路 1 号")
        assert (same.status_code, same.json()["credit_rating"]) == (200, "A"), "what stays is no rating"
        assert (await rated("admin_dept", new_id(), "AAAA")).status_code == 422


async def test_completeness_shows_it_beside_its_figures(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        before = (await read(customers, shop))["completeness"]
        assert before["uncounted"] == list(WRITTEN)
        await change(customers, shop, **LEGAL)
        after = (await read(customers, shop))["completeness"]
        assert after == {**before, "uncounted": []}
        await change(customers, shop, licence_no=None)
        assert (await read(customers, shop))["completeness"]["uncounted"] == ["licence_no"]
        incomplete = (await customers.http.get(f"{BASE}/screening/incomplete", params={"below": 100})).json()
        assert incomplete["items"][0]["completeness"]["uncounted"] == ["licence_no"]


async def test_two_with_one_licence_hardly_are_two(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, two = await store(customers, "美丽人生", licence_no=CODE), await store(customers, "靓点")
        third = await store(customers, "美丽人声", licence_no=OTHER_CODE)
        await change(customers, two, licence_no=CODE.lower())
        await customers.run_loops("customers.duplicates")
        items = (await customers.http.get(f"{BASE}/screening/duplicates")).json()["items"]
        pairs = {(each["one"]["customer_id"], each["other"]["customer_id"]): each for each in items}
        assert {key: (each["reasons"], each["strong"]) for key, each in pairs.items()} == {
            (str(one), str(two)): (["licence"], True), (str(one), str(third)): (["name"], False)
        }  # fmt: skip


async def test_a_file_brings_it_and_takes_it_along(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        header = ("external_no", "name", "企业名称", "统一社会信用代码", "信用等级")
        file = csv_of([("S-1", "美丽人生", LEGAL["legal_name"], CODE.lower(), "aa")], header)
        assert (await imported(customers, file, "customers")).figures == (1, 0, 0)
        assert (await imported(customers, file, "customers")).figures == (0, 1, 0)

        [row] = await rows(customers, "customers.csv")
        assert tuple(row[name] for name in WRITTEN) == (LEGAL["legal_name"], CODE, "AA")
        header = ("external_no", "name", *WRITTEN)
        again = csv_of([tuple(row[name] for name in header)], header)
        assert (await imported(customers, again, "customers")).figures == (0, 1, 0), "as it went out"

        bad = [
            ("S-1", "美丽人生", "别的公司", "", ""),
            ("S-2", "乙", "", WRONG, "E"),
            ("S-3", "丙", "", 9.1e17, ""),
        ]
        done = await imported(customers, xlsx_of(bad, header), "customers")
        assert [(row, column) for row, column, _ in done.faults] == [
            (2, "external_no"), (3, "credit_rating"), (3, "licence_no"), (4, "licence_no")
        ]  # fmt: skip
        assert "check digit" in done.faults[2][2]
        assert done.figures == (0, 0, 3)
        assert WRONG not in str(done.faults)


async def test_the_kept_one_of_two_has_it_until_they_are_two_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        duplicate, kept = await store(customers, **LEGAL), await store(customers, "靓点", credit_rating="C")
        await merged(customers, duplicate, kept)
        assert said(await read(customers, kept)) == (LEGAL["legal_name"], CODE, "C")
        assert await found(customers, q="温州市美丽人生") == await found(customers, q=CODE) == ["靓点"]
        await unmerged(customers, duplicate)
        assert said(await read(customers, kept)) == (None, None, "C")
        assert said(await read(customers, duplicate)) == tuple(LEGAL.values())


async def test_limit_and_rating_stand_beside_the_score_of_credit(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, credit_rating="B")

        async def credit() -> dict[str, Any] | None:
            found: dict[str, Any] | None = (await customers.http.get(f"{BASE}/customers/{shop}/segments")).json()[
                "credit"
            ]
            return found

        async def invoice(number: str, amount: str, **more: str) -> None:
            told = {"customer_id": str(shop), "invoice_no": number, "due_on": "2026-11-01", "amount": amount, **more}
            await made(customers, "payments", told)

        await customers.http.put(f"{BASE}/customers/{shop}/credit-limit", json={"amount": "3000.00"})
        assert await credit() is None, "where nothing was invoiced, credit is unknown"
        assert (await read(customers, shop))["limit_use"] == "0.0000"
        await invoice("1", "500.00", paid_on="2026-11-01")
        first = await credit()
        assert first is not None
        assert (first["score"], first["limit_use"], first["credit_rating"]) == ("100.00", "0.0000", "B")
        await invoice("2", "1000.00", due_on="2027-11-01")
        await invoice("3", "2500.00", due_on="2027-11-01")
        second = await credit()
        assert second == {**first, "limit_use": "1.1667"}, "no score is made of it"
        assert (await read(customers, shop))["limit_use"] == "1.1667"
        limit = await customers.http.get(f"{BASE}/customers/{shop}/credit-limit")
        headers = {"If-Match": limit.headers["ETag"]}
        assert (await customers.http.delete(f"{BASE}/customers/{shop}/credit-limit", headers=headers)).is_success
        assert await credit() == {**first, "limit_use": None}
