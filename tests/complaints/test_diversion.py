"""Stores that sell outside their region or below the price: evidence, a measure by contract (domain 3.6)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from shared.audit import newest_first
from shared.contracts.customers import RegionListed, StoreListed
from shared.contracts.internal import ComplaintMeasureTaken, ComplaintMeasureWithdrawn
from shared.ids import new_id
from tests.complaints.building import GENERAL, SALESPERSON, Complaints, as_role, complaints
from tests.complaints.promising import LI, ZHOU, slug
from tests.postgres import FreshDatabase
from tests.support import SETTINGS

ADMINISTRATION = as_role("admin_dept", UUID("01900000-0000-7000-8000-00000000c001"))
OUHAI = UUID("01900000-0000-7000-8000-00000000d001")
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8


async def a_store(service: Complaints, name: str = "丽人美妆") -> str:
    """A store of nobody's team, as the directory lists it, and the region in which its goods turn up."""
    id_ = await service.customer(team={})
    await service.given(
        StoreListed(customer_id=id_, name=name, external_no="S-1"), RegionListed(region_id=OUHAI, name="瓯海")
    )
    return str(id_)


async def report(
    service: Complaints, store: str, type_: str = "diversion", by: dict[str, str] = ZHOU, **fields: Any
) -> httpx.Response:
    """Zhou has found the store's goods in Ouhai."""
    body = {
        "type": type_,
        "customer_id": store,
        "region_id": str(OUHAI),
        "found_in": "market",
        "text": "在瓯海的店里看到他家的货",
        **fields,
    }
    return await service.http.post("/complaints/v1/internal", json=body, headers=by)


async def reported(service: Complaints, store: str, type_: str = "diversion", **fields: Any) -> str:
    answer = await report(service, store, type_, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def judge(service: Complaints, id_: str, *, valid: bool = True) -> httpx.Response:
    body = {"valid": valid, "good_faith": True, "reasons": "货号与发货记录相符"}
    return await service.http.post(f"/complaints/v1/complaints/{id_}/judgement", json=body, headers=ADMINISTRATION)


async def prove(service: Complaints, id_: str) -> str:
    """A picture of the goods."""
    files = {"file": ("shelf.png", PNG, "image/png")}
    answer = await service.http.post(f"/complaints/v1/complaints/{id_}/files", files=files, headers=ADMINISTRATION)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def upheld(service: Complaints, store: str, type_: str = "diversion") -> str:
    id_ = await reported(service, store, type_)
    await prove(service, id_)
    assert (await judge(service, id_)).status_code == 200
    return id_


async def measure(service: Complaints, id_: str, by: dict[str, str] = ADMINISTRATION, **fields: Any) -> httpx.Response:
    body = {"code": "warning", "text": "书面警告一次", **fields}
    return await service.http.post(f"/complaints/v1/internal/{id_}/measures", json=body, headers=by)


async def read(service: Complaints, id_: str) -> dict[str, Any]:
    answer = await service.get(f"/internal/{id_}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def settings(folder: Path) -> Any:
    return SETTINGS.model_copy(update={"files_directory": folder})


async def test_a_store_whose_goods_turn_up_elsewhere_is_an_internal_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        store = await a_store(service)

        id_ = await reported(service, store)

        found = await read(service, id_)
        assert (found["type"], found["kind"], found["customer_id"]) == ("diversion", "internal", store)
        assert (found["region_id"], found["region_name"], found["found_in"]) == (str(OUHAI), "瓯海", "market")
        assert found["against"] == {"type": "store", "id": store, "name": "丽人美妆"}
        assert (found["customer_name"], found["accountable"]) == ("丽人美妆", None)
        assert (found["occurrence"], found["measures"]) == (1, [])


async def test_without_evidence_it_is_not_valid(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        id_ = await reported(service, await a_store(service))

        assert slug(await judge(service, id_)) == (409, "evidence-missing")
        assert (await read(service, id_))["valid"] is None, "nothing half done"
        file_id = await prove(service, id_)
        removal = {"reason": "拍错了店"}
        path = f"/complaints/v1/complaints/{id_}/files/{file_id}/removal"
        assert (await service.http.post(path, json=removal, headers=ADMINISTRATION)).status_code in (200, 204)
        assert slug(await judge(service, id_)) == (409, "evidence-missing"), "what was removed proves nothing"
        await prove(service, id_)

        assert (await judge(service, id_)).status_code == 200
        assert (await read(service, id_))["valid"] is True


async def test_what_is_not_valid_needs_no_evidence(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await reported(service, await a_store(service))

        assert (await judge(service, id_, valid=False)).status_code == 200


async def test_a_measure_by_contract_is_recorded_with_who_decided_and_when(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        store = await a_store(service)
        id_ = await upheld(service, store)
        service.clock.forward(timedelta(days=3))

        taken = await measure(service, id_, code="stop_of_supply", decided_by=str(GENERAL), decided_on="2026-11-05")

        assert taken.status_code == 201, taken.text
        kept = taken.json()
        assert (kept["code"], kept["decided_by"], kept["decided_on"]) == ("stop_of_supply", str(GENERAL), "2026-11-05")
        assert (kept["text"], kept["withdrawn_at"]) == ("书面警告一次", None)
        listed = (await service.get(f"/internal/{id_}/measures")).json()["items"]
        assert listed == [kept]
        assert (await read(service, id_))["measures"] == ["stop_of_supply"]
        [told] = await service.facts(ComplaintMeasureTaken)
        assert (str(told.complaint_id), told.code, told.staff_id) == (id_, "stop_of_supply", GENERAL)
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert ("measure_taken", "书面警告一次") in [(entry["what"], entry["text"]) for entry in history]

        path = f"/internal/{id_}/measures/{kept['id']}/withdrawal"
        answers = await asyncio.gather(*(service.post(path, {"reason": "店家已整改"}) for _ in range(2)))

        assert sorted(slug(answer) for answer in answers) == [(200, ""), (409, "measure-withdrawn")]
        assert (await read(service, id_))["measures"] == []
        assert len(await service.facts(ComplaintMeasureWithdrawn)) == 1
        entries = {"made_by": None, "what": "contract_measure.withdrawn", "subject": None}
        assert [str(each.subject) for each in await newest_first(service.database, entries, None, 9)] == [id_]
        rows = await service.database.fetch("SELECT c::text AS row FROM contract_measure c")
        assert "整改" not in "".join(row["row"] for row in rows)
        events = await service.database.fetch("SELECT data::text AS row FROM event_log")
        assert "警告" not in "".join(row["row"] for row in events)


async def test_what_is_judged_away_has_no_measures(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        id_ = await upheld(service, await a_store(service))
        for code in ("warning", "stop_of_supply"):
            assert (await measure(service, id_, code=code)).status_code == 201

        for _ in range(2):
            assert (await judge(service, id_, valid=False)).status_code == 200

        assert (await read(service, id_))["measures"] == []
        listed = (await service.get(f"/internal/{id_}/measures")).json()["items"]
        assert [each["reason"] for each in listed] == ["货号与发货记录相符"] * 2
        told = await service.facts(ComplaintMeasureWithdrawn)
        assert [fact.code for fact in told] == ["warning", "stop_of_supply"], "each once"
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [entry["what"] for entry in history if entry["what"] == "measure_withdrawn"] == ["measure_withdrawn"] * 2


async def test_what_was_decided_of_one_store_is_not_another_s(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    """It is taken back of whom it was decided, and decided of the other only once that one is judged."""
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        wrong, right = await a_store(service, "甲店"), await a_store(service, "乙店")
        id_ = await upheld(service, wrong)
        assert (await measure(service, id_)).status_code == 201
        body = {"customer_id": right, "against": {"type": "store", "id": right}, "reason": "货是乙店的"}

        corrected = await service.http.post(
            f"/complaints/v1/complaints/{id_}/correction", json=body, headers=ADMINISTRATION
        )

        assert corrected.status_code == 200, corrected.text
        found = await read(service, id_)
        assert (found["against"]["id"], found["measures"]) == (right, [])
        [listed] = (await service.get(f"/internal/{id_}/measures")).json()["items"]
        assert listed["reason"] == "货是乙店的"
        [told] = await service.facts(ComplaintMeasureWithdrawn)
        assert str(told.customer_id) == wrong, "in the timeline of whom it was decided of"
        assert slug(await measure(service, id_)) == (409, "not-upheld"), "whoever was not judged is not punished"
        assert (await judge(service, id_)).status_code == 200
        assert (await measure(service, id_)).status_code == 201
        assert (await read(service, id_))["measures"] == ["warning"]


async def test_who_takes_a_measure_and_when(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        store = await a_store(service)
        reported_only = await reported(service, store)
        complaint = (await service.record())["id"]
        assert slug(await measure(service, reported_only)) == (409, "not-upheld")
        assert slug(await measure(service, complaint)) == (409, "no-breach-of-contract")
        assert slug(await measure(service, str(new_id()))) == (404, "no-such-complaint")
        id_ = await upheld(service, store)

        for who in (ZHOU, LI):
            assert slug(await measure(service, id_, who)) == (403, "forbidden")
        assert slug(await measure(service, id_, code="moon")) == (422, "unknown-contract-measure")
        assert slug(await measure(service, id_, decided_by=str(new_id()))) == (422, "unknown-staff")
        for day in ("2026-11-03", "2026-11-05"):
            assert slug(await measure(service, id_, decided_on=day)) == (422, "measure-date"), day
        assert (await measure(service, id_, as_role("general_manager", GENERAL))).status_code == 201
        elsewhere = f"/internal/{reported_only}/measures/{new_id()}/withdrawal"
        assert await service.refused(elsewhere, {"reason": "x"}) == (404, "contract-measure-not-found")
        assert (await service.get(f"/internal/{complaint}/measures")).json()["slug"] == "internal-not-found"


async def test_recurring_ones_are_counted_by_store_and_type(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        store, other = await a_store(service), await a_store(service, "新丽人")
        first, priced, second = [
            await reported(service, store, type_) for type_ in ("diversion", "price_breaking", "diversion")
        ]
        elsewhere = await reported(service, other)

        async def counted(**filters: str) -> list[tuple[str, int]]:
            items = (await service.get("/internal", **filters)).json()["items"]
            return [(each["id"], each["occurrence"]) for each in items]

        assert await counted(store_id=store) == [(second, 2), (priced, 1), (first, 1)]
        assert await counted(store_id=store, type="diversion") == [(second, 2), (first, 1)]
        assert await counted(store_id=other) == [(elsewhere, 1)]
        await judge(service, first, valid=False)
        assert await counted(store_id=store, type="diversion") == [(second, 1), (first, 0)], (
            "what is not valid counts not"
        )


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        store = await a_store(service)
        person = str(await service.customer())

        async def refused(**fields: Any) -> tuple[int, str]:
            return slug(await report(service, store, **fields))

        assert await refused(region_id=None) == (422, "invalid")
        assert await refused(region_id=str(new_id())) == (422, "unknown-region")
        assert await refused(customer_id=None) == (422, "invalid")
        assert await refused(customer_id=str(new_id())) == (422, "unknown-customer")
        assert await refused(customer_id=person) == (422, "not-a-store")
        assert await refused(against={"type": "person", "id": str(SALESPERSON)}) == (422, "invalid")
        body = {"type": "process", "text": "x"}
        assert await service.refused("/internal", body) == (422, "invalid"), "nobody is accused"
        elsewhere = {"type": "process", "text": "x", "against": {"type": "person", "id": str(SALESPERSON)}}
        assert await service.refused("/internal", {**elsewhere, "region_id": str(OUHAI)}) == (422, "invalid")
        assert (await service.get("/internal")).json()["items"] == []


async def test_what_can_be_done_by_contract_is_a_table(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with complaints(fresh_database, settings=settings(tmp_path)) as service:
        listed = (await service.get("/contract-measures")).json()["items"]
        assert [each["code"] for each in listed] == [
            "end_of_contract", "penalty_by_contract", "stop_of_supply", "warning",
        ]  # fmt: skip
        path, names = "/complaints/v1/contract-measures/deposit", {"name_en": "Deposit", "name_zh": "保证金"}
        kept = await service.http.put(path, json=names)
        assert kept.status_code == 200, kept.text
        id_ = await upheld(service, await a_store(service))
        assert (await measure(service, id_, code="deposit")).status_code == 201
        body = {**names, "active": False}
        assert (await service.http.put(path, json=body)).status_code == 428
        assert (await service.http.put(path, json=body, headers={"If-Match": kept.headers["etag"]})).status_code == 200
        assert slug(await measure(service, id_, code="deposit")) == (422, "unknown-contract-measure")
        assert (await read(service, id_))["measures"] == ["deposit"], "measures keep it"


async def test_diversion_turns_out_to_be_price_breaking(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        store = await a_store(service)
        first, second = [await reported(service, store) for _ in range(2)]
        path, body = f"/internal/{first}/correction", {"type": "price_breaking", "reason": "低价销售"}

        assert (await service.post(path, body)).json()["type"] == "price_breaking"

        assert await service.refused(path, {"type": "process", "reason": "x"}) == (409, "not-of-this-type")
        listed = (await service.get("/internal", store_id=store)).json()["items"]
        assert [(each["id"], each["occurrence"]) for each in listed] == [(second, 1), (first, 1)], "counted by type"
