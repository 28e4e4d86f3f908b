"""Erasing persons (decision 29): whose, what waits for what, and that nothing of them comes back."""

from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from shared.contracts.confirmations import ErasingService, ErasureConfirmed
from shared.contracts.customers import CustomerUpdated
from shared.contracts.erasures import PersonErased
from shared.ids import new_id
from tests.customers.importing import csv_of, send
from tests.customers.network import BASE, bought, made, store
from tests.customers.papers import page_text
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

PHONE = "+8613800138000"
WANG = {"name": "王小明", "kind": "person", "phones": [PHONE], "external_no": "P-1"}


async def person(customers: OneService) -> str:
    return str((await made(customers, "customers", WANG))["id"])


async def erased(customers: OneService, **whose: str) -> dict[str, Any]:
    answer = await customers.http.post(f"{BASE}/erasures", json={"reason": "asked by letter", **whose})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{BASE}/erasures/{found['id']}"
    return found


async def confirmed(customers: OneService, erasure: str, *services: ErasingService) -> None:
    for service in services:
        fact = ErasureConfirmed(
            erasure_id=UUID(erasure), service=service, removed={"contacts": 1}, at=customers.clock.now()
        )
        await customers.given(fact)
    await customers.run_loops("customers.erasures")


async def state(customers: OneService, erasure: str) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/erasures/{erasure}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def keys(customers: OneService) -> int:
    return int(await customers.database.fetchval("SELECT count(*) FROM personal_key"))


async def test_who_was_merged_goes_with_the_one_who_is_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second, third = [
            str((await made(customers, "customers", {**WANG, "external_no": f"M-{number}"}))["id"])
            for number in range(3)
        ]
        await merge(customers, first, second)
        await merge(customers, second, third)
        assert await keys(customers) == 3

        erasure = await erased(customers, customer_id=first)

        assert (erasure["person_id"], set(erasure["merged_ids"])) == (third, {first, second})
        assert (erasure["services"][0]["removed"]["profiles"], await keys(customers)) == (3, 0)
        assert [(await erased(customers, customer_id=each))["id"] for each in (second, third)] == [erasure["id"]] * 2
        [fact] = await customers.facts(PersonErased)
        assert {str(each) for each in fact.merged_ids} == {first, second}
        assert await customers.database.fetchval("SELECT count(*) FROM customer_merge_aside") == 0
        for each in (first, second):
            refused = await customers.http.post(f"{BASE}/customers/{each}/unmerge")
            assert (refused.status_code, refused.json()["slug"]) == (409, "person-erased"), "nothing is left of them"
        certificate = await certified(customers, erasure["id"])
        assert set(certificate["merged_ids"]) == {first, second}


async def certified(customers: OneService, erasure: str) -> dict[str, Any]:
    """The certificate, once the others have confirmed and the topic of contacts has forgotten them."""
    await customers.database.execute("DELETE FROM event_log WHERE topic = 'crm.contacts.v1'")
    await confirmed(customers, erasure, *get_args(ErasingService))
    found: dict[str, Any] = (await state(customers, erasure))["certificate"]
    return found


async def merge(customers: OneService, duplicate: str, into: str) -> None:
    merged = await customers.http.post(f"{BASE}/customers/{duplicate}/merge", json={"into": into})
    assert merged.status_code == 201, merged.text


async def test_the_certificate_is_set_for_paper(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = [
            str((await made(customers, "customers", {**WANG, "external_no": f"M-{number}"}))["id"])
            for number in range(2)
        ]
        await merge(customers, twice, kept)
        erasure = (await erased(customers, customer_id=kept))["id"]
        path = f"{BASE}/erasures/{erasure}/certificate.pdf"
        early = await customers.http.get(path)
        assert (early.status_code, early.json()["slug"]) == (409, "erasure-running")
        certificate = await certified(customers, erasure)

        chinese, english = await customers.http.get(path), await customers.http.get(path, params={"language": "en"})

        assert (chinese.status_code, chinese.headers["content-type"]) == (200, "application/pdf")
        half = len(certificate["signature"]) // 2
        both = (erasure, kept, twice, certificate["signature"][:half], certificate["signature"][half:])
        for words in ("个人信息删除证明", "客户档案", "个人密钥2项", "联系方式1项", "审计记录", *both):
            assert words in page_text(chinese.content), words
        for words in ("Certificateoferasure", "keysoftheirown:2", "contacts:1", "theaudit", *both):
            assert words in page_text(english.content), words
        assert (await customers.http.get(f"{BASE}/erasures/{new_id()}/certificate.pdf")).status_code == 404
        manager = bearer("cs_manager", new_id())
        assert (await customers.http.get(path, headers=manager)).status_code == 403, "as of the JSON"


async def test_an_erasure_waits_for_what_is_told_of_contacts_of_the_merged(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = [
            str((await made(customers, "customers", {**WANG, "external_no": f"M-{number}"}))["id"])
            for number in range(2)
        ]
        await merge(customers, twice, kept)
        erasure = (await erased(customers, customer_id=kept))["id"]
        contacts = "SELECT count(*) FROM event_log WHERE topic = 'crm.contacts.v1' AND key = $1"
        assert await customers.database.fetchval(contacts, twice) > 0

        await customers.database.execute("DELETE FROM event_log WHERE topic = 'crm.contacts.v1' AND key = $1", kept)
        await confirmed(customers, erasure, *get_args(ErasingService))
        assert (await state(customers, erasure))["certificate"] is None, "the merged one's is told still"

        assert (await certified(customers, erasure))["merged_ids"] == [twice]


async def test_notes_and_what_duplicates_are_found_by_go_too(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        who = await person(customers)
        note = await customers.http.post(f"{BASE}/customers/{who}/notes", json={"text": "睡眠不好"})
        assert note.status_code == 201, note.text
        await customers.run_loops("customers.duplicates")
        assert await customers.database.fetchval("SELECT count(*) FROM duplicate_key") > 0

        await erased(customers, customer_id=who)

        left = "SELECT (SELECT count(*) FROM duplicate_key) + (SELECT count(*) FROM note)"
        assert await customers.database.fetchval(left) == 0
        standing = (await customers.http.get(f"{BASE}/customers/{who}")).json()["completeness"]
        assert (standing["basic"], standing["traits"]) == (0, 0)


async def test_the_certificate_waits_for_all_that_keep_anything(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        erasure = (await erased(customers, customer_id=await person(customers)))["id"]
        first, *others = get_args(ErasingService)
        await confirmed(customers, erasure, first)
        standing = await state(customers, erasure)
        assert [each["confirmed_at"] is not None for each in standing["services"]] == [True, True, False, False]

        await confirmed(customers, erasure, first, *others)
        waiting = await state(customers, erasure)
        assert (waiting["state"], waiting["contacts_left"], waiting["certificate"]) == ("running", True, None)

        await customers.database.execute("DELETE FROM event_log WHERE topic = 'crm.contacts.v1'")
        await customers.run_loops("customers.erasures")

        done = await state(customers, erasure)
        assert (done["state"], done["contacts_left"]) == ("done", False)
        certificate = done["certificate"]
        assert certificate["removed"]["customers"]["keys"] == 1
        assert certificate["confirmed_at"].keys() == set(get_args(ErasingService))
        assert len(certificate["signature"]) == 64
        assert await customers.run_loops("customers.erasures") == 0, "one certificate"


async def test_a_file_that_was_uploaded_before_keeps_it_waiting(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        owner = str((await made(customers, "owners", {"name": "王老板", "phones": [PHONE]}))["id"])
        file = csv_of([("S-1", "王老板的店", "store")], header=("external_no", "name", "kind"))
        assert (await send(customers, file, "customers")).status_code == 202
        erasure = (await erased(customers, person_id=owner))["id"]
        await confirmed(customers, erasure, *get_args(ErasingService))
        assert (await state(customers, erasure))["uploads_left"] is True

        await customers.run_loops("customers.imports")
        await customers.run_loops("customers.erasures")

        done = await state(customers, erasure)
        assert (done["state"], done["kind"], done["uploads_left"]) == ("done", "owner", False)
        assert (await customers.http.get(f"{BASE}/owners/{owner}")).json()["name"] == ""
        changed = await customers.http.patch(f"{BASE}/owners/{owner}", json={"name": "x"}, headers={"If-Match": "*"})
        assert (changed.status_code, changed.json()["slug"]) == (409, "owner-erased")


async def test_somebody_of_a_store_goes_and_the_store_stays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, phones=[PHONE])
        body = {"name": "李店长", "job": "manager", "phones": ["+8613800138001"]}
        manager = str((await made(customers, f"customers/{shop}/people", body))["id"])

        erasure = await erased(customers, person_id=manager)

        assert (erasure["kind"], erasure["customer_id"], await keys(customers)) == ("contact", None, 0)
        assert (await customers.http.get(f"{BASE}/customers/{shop}/people/{manager}")).status_code == 404
        assert (await customers.http.get(f"{BASE}/customers/{shop}")).json()["phones"] == [PHONE]
        assert (await erased(customers, person_id=manager))["id"] == erasure["id"], "once"


async def test_an_owner_who_is_a_customer_goes_as_both(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = await person(customers)
        owner = str((await made(customers, "owners", {"name": "王小明", "customer_id": id_}))["id"])
        assert await keys(customers) == 2

        erasure = await erased(customers, person_id=owner)

        assert (erasure["person_id"], erasure["kind"], await keys(customers)) == (id_, "customer", 0)
        [fact] = await customers.facts(PersonErased)
        assert (str(fact.customer_id), str(fact.erasure_id)) == (id_, erasure["id"])
        [updated] = await customers.facts(CustomerUpdated)
        assert updated.changed == ["name", "phones"]
        assert (await erased(customers, customer_id=id_))["id"] == erasure["id"]
        assert len(await customers.facts(PersonErased)) == 1


async def test_a_registration_that_is_repeated_registers_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        key = {"Idempotency-Key": "once"}
        first = await customers.http.post(f"{BASE}/customers", json=WANG, headers=key)
        erasure = await erased(customers, customer_id=first.json()["id"])
        assert erasure["services"][0]["removed"]["answers"] == 1

        again = await customers.http.post(f"{BASE}/customers", json=WANG, headers=key)

        assert (again.status_code, again.json()["slug"]) == (409, "answer-forgotten")
        assert await keys(customers) == 0


@pytest.mark.parametrize(
    "body, slug",
    [
        ({}, "invalid"),
        ({"customer_id": str(new_id()), "person_id": str(new_id())}, "invalid"),
        ({"customer_id": str(new_id())}, "unknown-customer"),
        ({"person_id": str(new_id())}, "nobody-to-erase"),
    ],
)
async def test_who_is_nobody_is_not_erased(fresh_database: FreshDatabase, body: dict[str, str], slug: str) -> None:
    async with one_service(fresh_database, "customers") as customers:
        refused = await customers.http.post(f"{BASE}/erasures", json={"reason": "asked by letter", **body})
        assert (refused.status_code, refused.json()["slug"]) == (422, slug)


async def test_administration_alone_erases(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        asked = {"customer_id": await person(customers), "reason": "asked by letter"}
        for role, status in (("cs_manager", 403), ("general_manager", 403), ("admin_dept", 202)):
            answer = await customers.http.post(f"{BASE}/erasures", json=asked, headers=bearer(role, new_id()))
            assert answer.status_code == status, role
        assert (await customers.http.get(f"{BASE}/erasures")).json()["items"][0]["kind"] == "customer"
        unknown = await customers.http.get(f"{BASE}/erasures/{new_id()}")
        assert (unknown.status_code, unknown.json()["slug"]) == (404, "no-such-erasure")


async def test_tags_go_with_the_person_and_none_is_given_afterwards(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = str((await made(customers, "customers", WANG))["id"])
        path = f"{BASE}/customers/{person}"
        assert (await customers.http.post(f"{path}/tags", json={"tag": "喜欢茉莉花茶"})).is_success

        await erased(customers, customer_id=person)

        for table in ("customer_tag", "tag", "archive_change"):
            held = await customers.database.fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} t")
            assert not [row for row in held if "茉莉" in row["row"]], table
        again = await customers.http.post(f"{path}/tags", json={"tag": "vip"})
        body = {"tier": "A", "reason": "王小明是老客户", "until": "2027-01-01"}
        pinned = await customers.http.put(f"{path}/tier-override", json=body)
        assert {again.json()["slug"], pinned.json()["slug"]} == {"person-erased"}


async def test_the_archive_misses_who_was_erased(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = (await made(customers, "customers", {"name": "丽人", "kind": "store"}))["id"]
        body = {"name": "李", "job": "owner", "decides": True}
        person = (await made(customers, f"customers/{shop}/people", body))["id"]

        await erased(customers, person_id=person)

        archive = (await customers.http.get(f"{BASE}/customers/{shop}")).json()
        assert {"people", "who_decides"} <= set(archive["completeness"]["missing"])


async def test_nobody_is_certified_under_an_id_that_is_no_complainants(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = str((await made(customers, "customers", WANG))["id"])
        owner = str((await made(customers, "owners", {"name": "林老板"}))["id"])
        for wrong in (person, owner):
            body = {"complaint_id": wrong, "reason": "asked for it"}
            refused = await customers.http.post(f"{BASE}/erasures", json=body)
            assert (refused.status_code, refused.json()["slug"]) == (422, "nobody-to-erase")

        assert (await erased(customers, customer_id=person))["kind"] == "customer"
        assert await keys(customers) == 1, "the owner's alone is left"


async def test_who_was_erased_wants_no_cleaning_up(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        person = str((await made(customers, "customers", WANG))["id"])
        lists = [f"{BASE}/screening/incomplete", f"{BASE}/screening/stale"]
        customers.clock.move_to(customers.clock.now() + timedelta(days=400))
        for each in lists:
            assert [item["customer_id"] for item in (await customers.http.get(each)).json()["items"]] == [person]

        await erased(customers, customer_id=person)
        customers.clock.move_to(customers.clock.now() + timedelta(days=400))

        for each in lists:
            assert (await customers.http.get(each)).json()["items"] == []


async def test_who_complained_by_no_case_gets_no_certificate(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        nobody, guest = [await erased(customers, complaint_id=str(new_id())) for _ in range(2)]
        for asked, found in ((nobody, {"answers": 0}), (guest, {"cases": 1})):
            for service in get_args(ErasingService):
                removed = found if service == "complaints" else {}
                fact = ErasureConfirmed(
                    erasure_id=UUID(asked["id"]), service=service, removed=removed, at=customers.clock.now()
                )
                await customers.given(fact)
        assert await customers.run_loops("customers.erasures") > 0

        ended = await state(customers, nobody["id"])
        assert (ended["state"], ended["certificate"], ended["completed_at"] is None) == ("nobody", None, False)
        paper = await customers.http.get(f"{BASE}/erasures/{nobody['id']}/certificate.pdf")
        assert (paper.status_code, paper.json()["slug"]) == (409, "nobody-erased")
        assert (await state(customers, guest["id"]))["state"] == "done"
        certified = "SELECT count(*) FROM audit_entry WHERE what = 'person.erasure_certified'"
        assert await customers.database.fetchval(certified) == 1


async def test_a_list_of_erasures_is_read_at_once(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for _ in range(3):
            await confirmed(customers, (await erased(customers, complaint_id=str(new_id())))["id"], "care")
        statements = list[str]()
        fetch, fetchrow = customers.database.fetch, customers.database.fetchrow

        async def noted(sql: str, *values: object) -> Any:
            statements.append(sql)
            return await fetch(sql, *values)

        async def one_noted(sql: str, *values: object) -> Any:
            statements.append(sql)
            return await fetchrow(sql, *values)

        monkeypatch.setattr(customers.database, "fetch", noted)
        monkeypatch.setattr(customers.database, "fetchrow", one_noted)
        listed = (await customers.http.get(f"{BASE}/erasures")).json()["items"]

        assert [[each["confirmed_at"] is None for each in found["services"]] for found in listed] == [
            [False, True, False, True]
        ] * 3
        assert len([each for each in statements if "erasure" in each or "import_job" in each]) == 1


async def test_one_process_looks_for_contacts_at_a_time(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        erasure = (await erased(customers, customer_id=await person(customers)))["id"]
        await customers.database.execute("DELETE FROM event_log WHERE topic = 'crm.contacts.v1'")
        async with customers.database.transaction() as another:
            await another.execute("SELECT pg_advisory_xact_lock(4018, 73)")
            await confirmed(customers, erasure, *get_args(ErasingService))
            assert (await state(customers, erasure))["state"] == "running"

        assert await customers.run_loops("customers.erasures") == 1
        assert (await state(customers, erasure))["state"] == "done"


async def test_a_certificate_that_was_altered_is_seen(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        erasure = (await erased(customers, customer_id=await person(customers)))["id"]
        assert (await certified(customers, erasure))["genuine"] is True

        altered = "UPDATE erasure SET certificate = jsonb_set(certificate, '{removed,customers,keys}', '9')"
        await customers.database.execute(altered)

        certificate = (await state(customers, erasure))["certificate"]
        assert (certificate["removed"]["customers"]["keys"], certificate["genuine"]) == (9, False)
        listed = (await customers.http.get(f"{BASE}/erasures")).json()["items"]
        assert [each["certificate"]["genuine"] for each in listed] == [False]
        paper = await customers.http.get(f"{BASE}/erasures/{erasure}/certificate.pdf")
        assert (paper.status_code, paper.json()["slug"]) == (409, "certificate-not-genuine")


async def test_nothing_is_written_of_who_was_erased_wherever_it_is_tried(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        id_ = await person(customers)
        entry = await bought(customers, UUID(id_), "100.00", customers.clock.now() - timedelta(days=60))
        await customers.run_loops("customers.worth")
        living = str((await made(customers, "owners", {"name": "李强"}))["id"])
        offer = await made(customers, "opportunities", {"customer_id": id_, "amount": "5.00", "stage": "contact"})
        case = (await made(customers, "winbacks", {"customer_id": id_, "kind": "natural", "cause": "price"}))["id"]
        await erased(customers, customer_id=id_)

        let_go = {"means": "end", "reason": "金丝雀", "approver_id": id_}
        gone = await customers.http.post(f"{BASE}/customers/{id_}/dismissal", json=let_go)
        owner = await customers.http.post(f"{BASE}/owners", json={"name": "拉撒路", "customer_id": id_})
        named = await customers.http.patch(
            f"{BASE}/owners/{living}", json={"customer_id": id_}, headers={"If-Match": "*"}
        )
        chance = await customers.http.post(
            f"{BASE}/opportunities",
            json={"customer_id": id_, "amount": "5.00", "stage": "contact", "next_step": "金丝雀"},
        )
        moved = await customers.http.patch(
            f"{BASE}/opportunities/{offer['id']}", json={"next_step": "金丝雀"}, headers={"If-Match": "*"}
        )
        offered = await customers.http.post(f"{BASE}/winbacks/{case}/offer", json={"amount": "1.00", "text": "金丝雀"})
        refused = [gone, owner, named, chance, moved, offered]
        assert {answer.json()["slug"] for answer in refused} == {"person-erased"}, [each.text for each in refused]
        undone = await customers.http.post(f"{BASE}/purchases/{entry}/reversal", json={"reason": "金丝雀"})
        assert undone.is_success, "figures are put right all the same"
        shown = await customers.http.get(f"{BASE}/purchases/{entry}/reversal")
        ended = await customers.http.post(
            f"{BASE}/winbacks/{case}/outcome", json={"outcome": "not_returned", "reason": "金丝雀"}
        )
        assert ended.is_success, "nor does a case stay open for ever"
        assert "金丝雀" not in undone.text + shown.text + ended.text


async def test_an_owner_who_was_named_after_the_erasure_is_erased_all_the_same(fresh_database: FreshDatabase) -> None:
    """An older release let it be said."""
    async with one_service(fresh_database, "customers") as customers:
        id_ = await person(customers)
        owner = str((await made(customers, "owners", {"name": "拉撒路", "phones": ["13911119999"]}))["id"])
        first = await erased(customers, customer_id=id_)
        await customers.database.execute("UPDATE owner SET customer_id = $1 WHERE id = $2", UUID(id_), UUID(owner))

        again = await erased(customers, person_id=owner)

        assert (again["person_id"], again["kind"], again["id"] != first["id"]) == (owner, "owner", True)
        assert (await customers.http.get(f"{BASE}/owners/{owner}")).json()["name"] == ""
