"""What complaints cost: a month by its figures, the speed with which cases are solved, and the policy's versions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.ids import new_id
from tests.complaints.building import CS_MANAGER, SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import START

NOVEMBER = "2026-11"


async def cost(service: Complaints, month: str = NOVEMBER, **asked: Any) -> dict[str, Any]:
    answer = await service.get("/cost", month=month, **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def policy(service: Complaints, **said: Any) -> httpx.Response:
    return await service.post("/cost-policies", said)


async def judge(service: Complaints, id_: str, valid: bool, good_faith: bool) -> None:
    body = {"valid": valid, "good_faith": good_faith, "reasons": "as the file shows"}
    answer = await service.post(f"/complaints/{id_}/judgement", body)
    assert answer.status_code == 200, answer.text


def of_speed(found: dict[str, Any]) -> dict[str, int]:
    return {each["speed"]: each["cases"] for each in found["speed"]}


@pytest.mark.example(14)
async def test_twelve_complaints_of_a_month(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for _ in range(11):
            await service.record()
        await service.record(kind="grumble")
        await service.record(kind="suggestion")
        await judge(service, (await service.record())["id"], valid=False, good_faith=True)
        await judge(service, (await service.record())["id"], valid=True, good_faith=False)
        await judge(service, (await service.record(kind="enquiry"))["id"], valid=True, good_faith=True)

        found = await cost(service)

        assert (found["month"], found["policy_versions"], found["complaints"]) == (NOVEMBER, [1], 12)
        assert (found["dissatisfied"], found["silent"], found["hear_of_it"]) == (72, 60, 576)
        assert (found["lost"], found["cost"]) == (54, "12098.40")


async def test_a_month_without_complaints_costs_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        found = await cost(service, "2026-10")

        assert (found["complaints"], found["cost"], found["given"]) == (0, "0.00", "0.00")
        assert of_speed(found) == dict.fromkeys(
            ("within_4_hours", "within_24_hours", "within_72_hours", "later", "unsolved"), 0
        )
        assert {each["share"] for each in found["speed"]} == {"0.0000"}


async def test_months_of_before_any_version_are_answered(fresh_database: FreshDatabase) -> None:
    """The first version has always held, also in the hours of 1970 that lie before the moments that there are."""
    async with complaints(fresh_database) as service:
        assert (await cost(service, "1970-01"))["policy_versions"] == [1]
        assert (await cost(service, "2999-12"))["policy_versions"] == [1]


async def test_the_month_is_that_of_the_wall(fresh_database: FreshDatabase) -> None:
    """November ends in Shanghai on the 30th at 16:00 UTC."""
    async with complaints(fresh_database) as service:
        service.clock.move_to(START.replace(day=30, hour=15, minute=59, second=59))
        await service.record()
        service.clock.forward(timedelta(seconds=1))
        await service.record()

        assert [(await cost(service, month))["complaints"] for month in (NOVEMBER, "2026-12")] == [1, 1]


async def test_how_fast_cases_are_solved(fresh_database: FreshDatabase) -> None:
    """To the second: what takes four hours is within four, what takes a second more is not."""
    async with complaints(fresh_database) as service:
        ids = [(await service.record())["id"] for _ in range(6)]
        for id_, hours, seconds in zip(ids, (4, 4, 24, 72, 72), (0, 1, 0, 0, 1), strict=False):
            service.clock.move_to(START + timedelta(hours=hours, seconds=seconds))
            await service.move(id_, "resolve")

        found = await cost(service)

        assert of_speed(found) == {
            "within_4_hours": 1, "within_24_hours": 2, "within_72_hours": 1, "later": 1, "unsolved": 1,
        }  # fmt: skip
        assert [each["share"] for each in found["speed"]] == ["0.1667", "0.3333", "0.1667", "0.1667", "0.1667"]
        assert [each["share_so_far"] for each in found["speed"]] == ["0.1667", "0.5000", "0.6667", "0.8333", None]
        assert (found["solved"], found["deal_again"], found["loyal"]) == (5, 4, 3), "70 % and 54 % of five"

        await service.move(ids[0], "reopen")

        assert of_speed(await cost(service))["unsolved"] == 2


async def test_what_was_given_and_who_was_delighted(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second = [(await service.record())["id"] for _ in range(2)]

        async def give(id_: str, amount: str) -> str:
            answer = await service.http.post(
                f"/complaints/v1/complaints/{id_}/compensations",
                json={"kind": "goods", "cost": amount, "text": "一瓶面霜"},
                headers=as_role("cs_specialist", SPECIALIST),
            )
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        await give(first, "120.50")
        await give(second, "30")
        mistaken = await give(first, "9")
        taken_back = await service.post(
            f"/complaints/{first}/compensations/{mistaken}/withdrawal", {"reason": "not given after all"}
        )
        assert taken_back.status_code == 200, taken_back.text
        await service.move(first, "resolve")
        said = await service.post(f"/complaints/{first}/satisfaction", {"perceived": 9, "expected": 8})
        assert said.status_code == 200, said.text

        found = await cost(service)

        assert (found["given"], found["delighted"], found["hear_well"]) == ("150.50", 1, 10)
        assert {each["speed"]: each["given"] for each in found["speed"] if each["cases"]} == {
            "within_4_hours": "120.50", "unsolved": "30.00",
        }  # fmt: skip


async def test_each_case_is_reckoned_by_the_version_that_held(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record()
        service.clock.forward(timedelta(days=1))
        written = await policy(service, rate="7.00", one_in="2.5")
        assert (written.status_code, written.json()["version"]) == (201, 2), written.text
        assert (written.json()["rate"], written.json()["usd"], written.json()["tells"]) == ("7.00", "142.00", "8")
        await service.record()

        both = await cost(service)

        assert (both["policy_versions"], both["cost"]) == ([1, 2], "2002.20"), "1,008.20 + 994.00"
        assert both["dissatisfied"] == 6 + 3, "one in two and a half: two and a half, rounded half up"
        assert (await cost(service, policy_version=1))["cost"] == "2016.40"
        assert (await cost(service, policy_version=2))["policy_versions"] == [2]
        unknown = await service.get("/cost", month=NOVEMBER, policy_version=3)
        assert (unknown.status_code, unknown.json()["slug"]) == (404, "cost-policy-not-found")


async def test_a_later_version_supersedes_one_that_has_not_started(fresh_database: FreshDatabase) -> None:
    """As everywhere: at any moment the latest version that has started holds."""
    async with complaints(fresh_database) as service:
        await policy(service, rate="8.00", starts_at=(START + timedelta(days=2)).isoformat())
        await policy(service, rate="9.00", starts_at=(START + timedelta(days=1)).isoformat())
        for _ in range(3):
            await service.record()
            service.clock.forward(timedelta(days=1))

        found = await cost(service)

        assert (found["policy_versions"], found["cost"]) == ([1, 3], "3564.20"), "1,008.20 + 2 × 1,278.00"


@pytest.mark.parametrize(
    "said, pointer",
    [
        ({"curve": [{"within_hours": 4, "returns": "0.5"}]}, "#/curve"),
        ({"curve": [{"within_hours": None, "returns": "0.5"}, {"within_hours": None, "returns": "0.4"}]}, "#/curve"),
        (
            {"curve": [{"within_hours": 4, "returns": "0.4"}, {"within_hours": None, "returns": "0.5"}]},
            "#/curve/1/returns",
        ),
        (
            {
                "curve": [
                    {"within_hours": 4, "returns": "0.5"},
                    {"within_hours": 4, "returns": "0.4"},
                    {"within_hours": None, "returns": "0.1"},
                ]
            },
            "#/curve/1/within_hours",
        ),
        ({"starts_at": "2026-11-04T08:59:59+08:00"}, "#/starts_at"),
        ({"margin": "1.01"}, "#/margin"),
        ({"one_in": "0.5"}, "#/one_in"),
        ({"rate": 7.1e3}, "#/rate"),
        ({"rate": "0"}, "#/rate"),
        ({"usd": "0"}, "#/usd"),
        ({"curve": []}, "#/curve"),
    ],
)
async def test_what_a_policy_cannot_say(fresh_database: FreshDatabase, said: dict[str, Any], pointer: str) -> None:
    async with complaints(fresh_database) as service:
        refused = await policy(service, **said)

        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
        listed = await service.get("/cost-policies")
        assert [each["version"] for each in listed.json()["items"]] == [1], "nothing half done"


@pytest.mark.parametrize("role", ["salesperson", "cs_specialist", "brand_manager"])
async def test_only_those_who_lead_see_it(fresh_database: FreshDatabase, role: str) -> None:
    async with complaints(fresh_database) as service:

        async def asked(who: str, subject: UUID) -> int:
            headers = as_role(who, subject)
            return (await service.http.get(f"/complaints/v1/cost?month={NOVEMBER}", headers=headers)).status_code

        assert await asked(role, new_id()) == 403
        assert await asked("cs_manager", CS_MANAGER) == 200
