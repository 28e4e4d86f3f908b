"""Finding cases: by what was said, which lies sealed, by a phone, by a part of a number, by a store (decision 20)."""

import base64
from typing import Any
from uuid import UUID

import pytest

from services.complaints.lists.queries import finding
from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import ContactListed, StoreListed
from tests.complaints.building import SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.complaints.test_lists import found
from tests.postgres import FreshDatabase

SAID = ("包装破损了，想换一瓶", "The cream has turned BROWN", "快递员态度恶劣", "面霜变色，包装完好")


async def said(service: Complaints, *texts: str, **fields: Any) -> list[str]:
    """Cases with these words, recorded and made findable; their numbers."""
    numbers = [(await service.record(text=text, **fields))["number"] for text in texts]
    await made_findable(service)
    return numbers


async def made_findable(service: Complaints) -> None:
    await service.deliver(await service.events(ComplaintOpened))


async def test_what_was_said_is_found_in_chinese_and_english(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        broken, cream, rude, dyed = await said(service, *SAID)

        sought = {
            "破损": [broken],
            "包装": [dyed, broken],
            "包装破": [broken],
            "turned brown": [cream],
            "ＢＲＯＷＮ": [cream],
            "row": [cream],
            "态度恶劣": [rude],
            "损装": [],
            "green": [],
            "王小姐": [dyed, rude, cream, broken],
        }
        for text, numbers in sought.items():
            assert await found(service, "/complaints", q=text) == numbers, text
            assert await found(service, "/complaints", q=text, sort="oldest") == numbers[::-1], text
            assert await found(service, "/complaints", q=text, channel="line", state="open") == numbers, text
            assert await found(service, "/complaints", q=text, channel="web") == [], text
        assert await found(service, "/complaints", q="13800000000") == [], "a contact is no text"


async def test_what_only_looks_alike_is_not_shown(fresh_database: FreshDatabase) -> None:
    """Every pair of the text stands in the case, but not the text: the hashes agree, the words do not."""
    async with complaints(fresh_database) as service:
        [real, *_] = await said(service, "甲乙丙", *["乙丙，甲乙"] * 12, "甲乙丙")

        numbers = await found(service, "/complaints", q="甲乙丙")
        assert len(numbers) == 2
        assert numbers[-1] == real, "the cursor goes on where a request has looked at enough candidates"
        few = (await service.get("/complaints", q="甲乙丙", limit=1)).json()
        assert len(few["items"]) == 1
        rest = (await service.get("/complaints", q="甲乙丙", limit=1, cursor=few["next"])).json()
        assert rest["items"] == []
        assert rest["next"], f"{finding.ROUNDS} pages of candidates at most"


async def test_nothing_that_is_kept_for_it_can_be_read(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await said(service, "面霜变色")

        rows = await service.database.fetch("SELECT t::text AS everything FROM case_trace t")
        log = await service.database.fetch("SELECT data::text AS everything FROM event_log")
        for row in (*rows, *log):
            for personal in ("变色", "王", "13800000000"):
                assert personal not in row["everything"]


async def test_an_event_that_comes_again_changes_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await said(service, "面霜变色")
        once = await service.database.fetch("SELECT * FROM case_trace")
        await service.database.execute("TRUNCATE inbox")
        await made_findable(service)

        assert await service.database.fetch("SELECT * FROM case_trace") == once


async def test_a_phone_is_looked_up_exactly_counted_and_audited(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_LOOKUPS_PER_HOUR", "2")
    async with complaints(fresh_database) as service:
        opened = await service.record(complainant={"name": "李", "contact": "+8613911112222"})
        await said(service, "另一件事")
        me = as_role("cs_specialist", SPECIALIST)

        assert await found(service, "/complaints", me, phone="139 1111 2222") == [opened["number"]]
        assert await found(service, "/complaints", me, phone="13911112223") == []
        entries = await service.database.fetch("SELECT made_by, what, subject FROM audit_entry ORDER BY id")
        assert [tuple(entry) for entry in entries] == [
            (SPECIALIST, "complainant.looked_up", UUID(opened["id"])),
            (SPECIALIST, "complainant.looked_up", None),
        ]
        refused = await service.http.get("/complaints/v1/complaints?phone=13911112222", headers=me)
        assert (refused.status_code, refused.json()["slug"]) == (429, "too-many-requests")


async def test_a_cursor_says_nothing_of_what_was_sought(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await said(service, "面霜变色", "面霜变色")

        for asked in ({"q": "变色"}, {"phone": "13800000000"}):
            page = (await service.get("/complaints", limit=1, **asked)).json()
            again = await service.get("/complaints", limit=1, cursor=page["next"], **asked)
            assert len(again.json()["items"]) == 1
            other = await service.get(
                "/complaints", limit=1, cursor=page["next"], **dict.fromkeys(asked, "13800000001")
            )
            assert other.status_code == 400
            plain = base64.urlsafe_b64decode(page["next"] + "==")
            assert b"13800000000" not in plain


async def test_a_number_is_found_by_its_beginning_and_its_end(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second = await said(service, "一", "二")
        [old] = await said(service, "三", recorded_at="2020-05-04T10:00:00+08:00")

        assert await found(service, "/complaints", number_part=first[-3:]) == [first]
        assert await found(service, "/complaints", number_part=second[5:]) == [second]
        assert await found(service, "/complaints", number_part="c20261104") == [second, first]
        assert await found(service, "/complaints", number_part="C20200504-0") == [old]
        assert await found(service, "/complaints", number_part="999") == []
        for few in ("C20261104-00000", first, "C20260101"):
            assert await found(service, "/complaints", number_part=few) == [
                number for number in (second, first) if number.startswith(few)
            ]
        for none in ("C20269999", "C20261104X", "Cabcdefgh", "x04-000001", "123456789012"):
            assert await found(service, "/complaints", number_part=none) == []
        assert await found(service, "/complaints", number_part="c20261104", sort="oldest") == [first, second]


async def test_a_number_is_found_by_what_stands_in_its_middle(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        numbers = await said(service, "一", "二", "三")
        [old] = await said(service, "四", recorded_at="2020-05-04T10:00:00+08:00")
        first = numbers[0]

        assert await found(service, "/complaints", number_part=first[-4:]) == [first], "its last four digits"
        assert await found(service, "/complaints", number_part=first[-5:-1]) == [*numbers[::-1], old]
        assert await found(service, "/complaints", number_part=old[-5:-1], state="answered") == []
        assert await found(service, "/complaints", number_part="2026") == [], "the day stands in too many numbers"
        assert await found(service, "/complaints", number_part=old[5:]) == [old], "its end, with a part of the day"
        assert await found(service, "/complaints", number_part="4321") == []


async def test_answers_and_notes_are_found_by_who_sees_the_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        early = await service.record()
        await service.move(early["id"], "answer", text="已换新瓶，优惠券已发")
        mine, late = await service.record(await service.customer("A")), await service.record()
        await made_findable(service)
        await service.move(late["id"], "answer", text="Refunded in full")
        assert (await service.post(f"/complaints/{mine['id']}/notes", {"text": "客户是老会员"})).status_code == 201

        assert await found(service, "/complaints", q="优惠券") == [early["number"]], "said before the case was heard of"
        assert await found(service, "/complaints", q="refunded") == [late["number"]]
        assert await found(service, "/complaints", q="开封") == [late["number"], mine["number"], early["number"]]
        for q, numbers in (("老会员", [mine["number"]]), ("优惠券", [])):
            assert await found(service, "/complaints", as_role("cs_specialist", SPECIALIST), q=q, mine=True) == numbers
            assert await found(service, "/complaints", as_role("salesperson", SALESPERSON), q=q) == []
        rows = await service.database.fetch("SELECT t::text AS everything FROM case_trace t")
        assert not any("会员" in row["everything"] for row in rows)


async def test_what_is_put_right_keeps_what_was_said_since(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        await service.move(opened["id"], "answer", text="已换新瓶")
        body = {"reason": "报错了", "against": {"type": "product", "name": "精华液"}}
        assert (await service.post(f"/complaints/{opened['id']}/correction", body)).status_code == 200
        await service.hear_own()

        for q in ("新瓶", "精华液", "报错了", "变色"):
            assert await found(service, "/complaints", q=q) == [opened["number"]], q
        assert await found(service, "/complaints", q="面霜") == [], "its hashes are kept, but it says so no longer"


async def test_cases_of_a_customer_are_found_by_how_the_customer_is_reached(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer, other = await service.customer("A"), await service.customer("B")

        async def reached(id_: UUID, *phones: str) -> None:
            await service.given(ContactListed(customer_id=id_, kind="person", name="李", phones=list(phones)))

        await reached(customer, "+8613911112222", "+8613911113333")
        await reached(other, "+8613911113333")
        numbers = [(await service.record(each))["number"] for each in (customer, other, customer)]
        complaining = await service.record(complainant={"name": "李", "contact": "+8613911112222"})
        await made_findable(service)

        assert await found(service, "/complaints", phone="13911112222") == [
            complaining["number"],
            numbers[2],
            numbers[0],
        ]
        assert await found(service, "/complaints", phone="13911113333") == numbers[::-1]
        await reached(customer, "+8613911114444")
        assert await found(service, "/complaints", phone="13911112222") == [complaining["number"]], "no longer theirs"
        assert await found(service, "/complaints", phone="13911113333") == [numbers[1]]
        rows = await service.database.fetch("SELECT t::text AS everything FROM contact_trace t")
        assert not any("1391111" in row["everything"] for row in rows)


async def test_cases_of_a_store_are_found_by_its_name_or_number(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        beauty, other = await service.customer("A"), await service.customer("B")
        await service.given(
            StoreListed(customer_id=beauty, name="丽人美容院", external_no="S-17"),
            StoreListed(customer_id=other, name="Lily's Salon", external_no="S-18"),
        )
        of_beauty, of_other = [(await service.record(each))["number"] for each in (beauty, other)]

        assert await found(service, "/complaints", store="丽人") == [of_beauty]
        assert await found(service, "/complaints", store="S-17") == [of_beauty]
        assert await found(service, "/complaints", store="lily") == [of_other]
        assert await found(service, "/complaints", store="没有") == []
        await made_findable(service)
        assert await found(service, "/complaints", store="丽人", q="变色") == [of_beauty]


async def test_colleagues_find_what_concerns_them_alone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        served = await service.customer(team={"salesperson": SALESPERSON, "cs_specialist": SPECIALIST})
        mine = await service.record(served)
        await said(service, "变色")
        me = as_role("salesperson", SALESPERSON)

        assert await found(service, "/complaints", me, q="变色") == [mine["number"]]
        assert await found(service, "/complaints", me, phone="13800000000") == []


@pytest.mark.parametrize(
    "asked",
    [{"q": "变"}, {"q": " a "}, {"number_part": "12"}, {"number_part": "C2026"}, {"phone": "12"}, {"store": ""}],
)
async def test_what_is_too_little_to_search_by_is_refused(fresh_database: FreshDatabase, asked: dict[str, str]) -> None:
    async with complaints(fresh_database) as service:
        assert (await service.get("/complaints", **asked)).status_code == 422
