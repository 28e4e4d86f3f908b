"""A fault that is somebody else's, and what hangs on a case that is moved (decision 21, domain 3.6)."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from shared.audit import newest_first
from shared.contracts.commitments import CommitmentCorrected, CommitmentInsisted
from shared.contracts.customers import StaffListed
from shared.contracts.internal import ComplaintFaultNoticed
from shared.ids import new_id
from tests.complaints.building import DEPARTMENT, SALESPERSON, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.penalising import FIRST_ADMIN, balance, booked
from tests.complaints.promising import LI, ZHOU, beyond_the_rules, promise, promised, say, slug, standing, supervised
from tests.complaints.test_commitments_faults import ADMINISTRATION, at_fault, cost, fault
from tests.postgres import FreshDatabase

WHY = "是另一位同事答应的"


async def colleague(service: Complaints) -> UUID:
    """Chen, who really promised it."""
    chen = new_id()
    listed = {"staff_id": chen, "name": "陈", "role": "salesperson", "department_id": DEPARTMENT}
    await service.given(StaffListed.model_validate({**listed, "supervisor_id": SUPERVISOR}))
    return chen


def a_person(id_: UUID) -> dict[str, str]:
    return {"type": "person", "id": str(id_)}


async def corrected(
    service: Complaints, id_: str, by: dict[str, str] = ADMINISTRATION, **fields: Any
) -> httpx.Response:
    return await service.http.post(
        f"/complaints/v1/complaints/{id_}/correction", json={"reason": WHY, **fields}, headers=by
    )


async def test_a_fault_that_is_somebody_else_s_has_their_notice_and_their_cost(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        chen = await colleague(service)
        id_ = await at_fault(service)
        promise_id = (await fault(service, id_))["commitment_id"]
        await cost(service, id_)

        answer = await corrected(service, id_, against=a_person(chen))

        assert answer.status_code == 200, answer.text
        assert answer.headers["ETag"] == (await service.get(f"/complaints/{id_}")).headers["ETag"]
        notice = await fault(service, id_)
        assert (notice["to"], notice["number"]) == ({"id": str(chen), "name": "陈"}, "F20261104-000002")
        assert await balance(service) == {}, "nothing stays on whose it was not"
        assert [amount for _, amount, _ in await booked(service)] == ["1800.00", "-1800.00"]
        assert [each["reversal_reason"] for each in notice["costs"]] == [WHY]
        first, anew = await service.facts(ComplaintFaultNoticed)
        assert (first.number, anew.instead_of, anew.to_id) == (anew.instead_of, first.number, chen)
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [each["changes"]["fault_notice"] for each in history if each["what"] == "fault_noticed"] == [
            {"from": None, "to": first.number},
            {"from": first.number, "to": anew.number},
        ]
        made_by_chen = await standing(service, promise_id)
        assert (made_by_chen["made_by"], made_by_chen["confirmation"]) == (str(chen), "confirmed")
        [told] = await service.facts(CommitmentCorrected)
        assert (told.staff_id, told.from_staff_id, told.asked) == (chen, SALESPERSON, False)

        assert (await cost(service, id_)).status_code == 200, "decided anew, of whose it is"

        assert await balance(service) == {str(chen): Decimal("1800.00")}
        of_zhou = (await service.http.get("/complaints/v1/me", headers=ZHOU)).json()
        of_chen = (await service.http.get("/complaints/v1/me", headers=as_role("salesperson", chen))).json()
        assert of_zhou["faults"] == []
        assert [[each["reversed_at"] for each in one["costs"]] for one in of_chen["faults"]] == [[None]], "theirs alone"
        entered = {"made_by": None, "what": None, "subject": UUID(id_)}
        assert [each.what for each in await newest_first(service.database, entered, None, 9)] == [
            "fault_cost.decided",
            "fault_cost.reversed",
            "fault_notice.issued_anew",
            "complaint.corrected",
            "fault_cost.decided",
        ]


async def test_a_notice_of_fault_goes_on_paper_with_what_was_promised(fresh_database: FreshDatabase) -> None:
    """What it costs stands in it for whom that is shown."""
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        await cost(service, id_)
        path = f"/complaints/v1/internal/{id_}/fault/pdf"

        chinese = await service.http.get(path, headers=ZHOU)
        english = await service.http.get(path, headers={**LI, "Accept-Language": "en"})

        assert (chinese.status_code, chinese.headers["content-type"]) == (200, "application/pdf"), chinese.text
        assert chinese.headers["content-disposition"] == 'attachment; filename="F20261104-000001.pdf"'
        texts = [PdfReader(io.BytesIO(each.content)).pages[0].extract_text() for each in (chinese, english)]
        own, others = (text.replace(" ", "").replace("\n", "") for text in texts)
        assert all(each in own for each in ("过失责任通知书", "F20261104-000001", "一个陈列架", "1,800.00", "签收"))
        assert "Noticeoffault" in others
        assert "1,800.00" not in others, "customer service sees the case, and not what it costs him"
        missing = await service.http.get(f"/complaints/v1/internal/{new_id()}/fault/pdf", headers=ZHOU)
        assert slug(missing) == (404, "no-such-complaint")


async def test_nobody_moves_their_own_fault_and_it_is_a_person_s(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        chen = await colleague(service)
        id_ = await at_fault(service)
        zhou = as_role("cs_manager", SALESPERSON)
        department = {"type": "department", "id": str(DEPARTMENT)}

        assert slug(await corrected(service, id_, zhou, against=a_person(chen))) == (403, "own-fault")
        assert slug(await corrected(service, id_, against=department)) == (422, "fault-of-nobody")
        assert (await corrected(service, id_, zhou, text="两个陈列架")).status_code == 200, "what was said they may"
        assert (await fault(service, id_))["number"] == "F20261104-000001"


async def test_a_promise_of_somebody_else_s_is_put_right_and_they_are_asked(fresh_database: FreshDatabase) -> None:
    """Whatever the wrong person has said: it was no word of who promised."""
    async with complaints(fresh_database) as service:
        chen = await colleague(service)
        asked, denied, insisted = [await beyond_the_rules(service) for _ in range(3)]
        within = (await promised(service))["id"]
        for id_ in (denied, insisted):
            await say(service, id_, "confirmation", confirmed=False)
        await say(service, insisted, "insistence", LI)
        body = {"made_by": str(chen), "reason": WHY}

        for id_ in (asked, denied, insisted, within):
            answer = await say(service, id_, "correction", ADMINISTRATION, **body)
            assert answer.status_code == 200, answer.text

        stand = [await standing(service, id_) for id_ in (asked, denied, insisted, within)]
        assert {each["made_by"] for each in stand} == {str(chen)}
        assert [each["confirmation"] for each in stand] == ["asked", "asked", "asked", None]
        assert [(each["understanding_due_at"], each["supervisor_id"]) for each in stand] == [(None, None)] * 4
        told = await service.facts(CommitmentCorrected)
        assert [(fact.from_staff_id, fact.asked) for fact in told] == [(SALESPERSON, True)] * 3 + [(SALESPERSON, False)]
        entered = {"made_by": FIRST_ADMIN, "what": "commitment.corrected", "subject": None}
        assert len(await newest_first(service.database, entered, None, 9)) == 4
        assert slug(await say(service, asked, "confirmation", confirmed=True)) == (403, "not-who-promised")
        by_chen = as_role("salesperson", chen)
        assert (await say(service, asked, "confirmation", by_chen, confirmed=True)).json()["internal_id"] is not None
        assert len(await service.facts(CommitmentInsisted)) == 1

        assert slug(await say(service, asked, "correction", ADMINISTRATION, made_by=str(SALESPERSON), reason=WHY)) == (
            409,
            "fault-opened",
        )
        unknown = await say(service, denied, "correction", ADMINISTRATION, made_by=str(new_id()), reason=WHY)
        assert (slug(unknown), unknown.json()["errors"][0]["pointer"]) == ((422, "unknown-staff"), "#/made_by")
        own = as_role("admin_dept", chen)
        assert slug(await say(service, denied, "correction", own, made_by=str(SALESPERSON), reason=WHY)) == (
            403,
            "own-commitment",
        )


async def test_a_promise_goes_where_its_case_goes_and_so_does_what_settles_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await supervised(service)
        team = {"salesperson": SALESPERSON}
        wrong, right = await service.customer("D", team=team), await service.customer("A", team=team)
        case = await service.record(wrong)
        fields = {"complaint_id": case["id"], "outside_rules": True}
        ids = [(await promise(service, wrong, **fields)).json()["id"] for _ in range(2)]
        internal_id = (await say(service, ids[0], "confirmation", confirmed=True)).json()["internal_id"]

        assert (await corrected(service, case["id"], customer_id=str(right))).status_code == 200

        assert {(await standing(service, id_))["customer_id"] for id_ in ids} == {str(right)}
        assert (await service.get("/commitments", customer_id=str(wrong))).json()["items"] == []
        internal = await service.read(internal_id)
        assert (internal["customer_id"], internal["tier"]) == (str(right), "A")
        told = await service.facts(CommitmentCorrected)
        assert {(fact.customer_id, fact.from_customer_id) for fact in told} == {(right, wrong)}
        assert sorted(str(fact.commitment_id) for fact in told) == sorted(ids)
        assert (await promise(service, right, complaint_id=case["id"])).status_code == 201
        kept = await say(service, ids[1], "correction", ADMINISTRATION, cost="5", reason=WHY)
        assert kept.status_code == 200, kept.text


async def test_a_promise_outside_of_cases_goes_with_its_internal_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        right = await service.customer()

        assert (await corrected(service, id_, customer_id=str(right))).status_code == 200

        promise_id = (await fault(service, id_))["commitment_id"]
        assert (await standing(service, promise_id))["customer_id"] == str(right)
        assert (await fault(service, id_))["number"] == "F20261104-000001", "whose fault it is stays"


@pytest.mark.parametrize("first", ["promise", "correction"])
async def test_what_is_promised_in_the_instant_in_which_a_case_moves_stays_with_it(
    fresh_database: FreshDatabase, first: str
) -> None:
    """Whoever comes second sees the other: no promise is left behind at the customer of before."""
    async with complaints(fresh_database) as service:
        team = {"salesperson": SALESPERSON}
        wrong, right = await service.customer(team=team), await service.customer(team=team)
        case = await service.record(wrong)
        row = "SELECT FROM complaint WHERE id = $1 FOR UPDATE"
        async with service.database.transaction() as somebody:
            await somebody.execute(row, UUID(case["id"]))
            orders: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
                "promise": lambda: promise(service, wrong, complaint_id=case["id"]),
                "correction": lambda: corrected(service, case["id"], customer_id=str(right)),
            }
            waiting = []
            for name in sorted(orders, key=lambda name: name != first):
                waiting.append(asyncio.ensure_future(orders[name]()))
                await asyncio.sleep(0.2)
        answers = await asyncio.gather(*waiting)

        states = sorted(slug(answer) for answer in answers)
        assert states in (
            [(200, ""), (422, "promise-of-another")],
            [(201, ""), (503, "busy")],
        ), states
        found = (await service.get("/commitments", complaint_id=case["id"])).json()["items"]
        assert {each["customer_id"] for each in found} <= {(await service.read(case["id"]))["customer_id"]}
