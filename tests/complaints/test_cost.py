"""What complaints cost: a month by its figures, the speed with which cases are solved, and the policy's versions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.complaints.cost.domain.returning import falling
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import PurchaseRecorded, PurchaseReturned
from shared.ids import new_id
from shared.months import Month
from tests.complaints.building import CS_MANAGER, SPECIALIST, Complaints, as_role, case, complaints
from tests.postgres import FreshDatabase
from tests.support import START, whole_network

NOVEMBER = "2026-11"
SHANGHAI = ZoneInfo("Asia/Shanghai")


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

        async def give(id_: str, amount: str, kind: str = "goods") -> str:
            answer = await service.http.post(
                f"/complaints/v1/complaints/{id_}/compensations",
                json={"kind": kind, "cost": amount, "text": "一瓶面霜"},
                headers=as_role("cs_specialist", SPECIALIST),
            )
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        await give(first, "120.50", kind="gift")
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
        assert (found["settled_cost"], found["settled"]) == (
            "150.50",
            [{"kind": "gift", "times": 1, "cost": "120.50"}, {"kind": "goods", "times": 1, "cost": "30.00"}],
        )

        service.clock.move_to(datetime(2026, 12, 1, tzinfo=SHANGHAI))
        await give(second, "7")

        assert (await cost(service))["given"] == "157.50", "in the cases of November"
        assert (await cost(service))["settled_cost"] == "150.50", "in November"
        december = await cost(service, "2026-12")
        assert (december["given"], december["settled_cost"], december["complaints"]) == ("0.00", "7.00", 0)


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


# ---------------------------------------------------------------------------- who comes back


@pytest.mark.parametrize(
    "counts, shares",
    [
        ([(100, 60), (50, 20), (10, 1)], ["0.6000", "0.4000", "0.1000"]),
        ([(10, 2), (30, 18)], ["0.5000", "0.5000"]),
        ([(10, 9), (10, 3), (10, 5), (10, 4)], ["0.9000", "0.4000", "0.4000", "0.4000"]),
        ([(0, 0), (4, 3), (0, 0), (4, 1)], ["0.7500", "0.7500", "0.7500", "0.2500"]),
        ([(3, 1), (0, 0)], ["0.3333", "0.3333"]),
    ],
)
def test_shares_do_not_rise_with_the_hours(counts: list[tuple[int, int]], shares: list[str]) -> None:
    assert [str(each) for each in falling(counts)] == shares


@given(st.lists(st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=9))
def test_the_curve_is_the_closest_that_does_not_rise(counts: list[tuple[int, int]]) -> None:
    """It does not rise, and as many come back by it as did; moving a pool up or down would be further away."""
    assume(any(cases for cases, _ in counts))
    found = falling(counts)
    assert found == sorted(found, reverse=True)
    expected = sum((cases * share for (cases, _), share in zip(counts, found, strict=True)), Decimal(0))
    assert abs(expected - sum(returned for _, returned in counts)) <= Decimal("0.0001") * sum(c for c, _ in counts)


async def test_the_curve_is_learnt_from_those_who_came_back(fresh_database: FreshDatabase) -> None:
    """Of 12 who were solved at once 9 bought again, of 8 after two days 2; 20 are enough here."""
    async with complaints(fresh_database) as service:
        assert (await policy(service, fit_from=20)).status_code == 201
        solved: list[tuple[UUID, str]] = []
        for _ in range(20):
            customer = await service.customer()
            await buys(service, customer, "1000", START)
            solved.append((customer, (await service.record(customer))["id"]))
        stranger = (await service.record(await service.customer()))["id"]  # never bought: says nothing
        for _, id_ in solved[:12]:
            await service.move(id_, "resolve")
        service.clock.forward(timedelta(days=2))
        for _, id_ in solved[12:]:
            await service.move(id_, "resolve")
        await service.move(stranger, "resolve")
        await service.run_loops("complaints.cost")
        assert (await cost(service))["learnt"] == {"source": "policy", "cases": 0, "needed": 20}

        december, march = datetime(2026, 12, 3, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=SHANGHAI)
        for customer, _ in (*solved[:9], *solved[12:14]):
            await buys(service, customer, "10", december)
        await buys(service, solved[19][0], "10", march)  # too late
        service.clock.move_to(march - timedelta(seconds=1))
        await service.run_loops("complaints.cost")
        assert (await cost(service, "2027-02"))["learnt"]["cases"] == 0, "February is not over"
        service.clock.move_to(march)
        await service.run_loops("complaints.cost")
        await service.run_loops("complaints.cost")

        fits = (await service.get("/cost-fits")).json()["items"]
        assert [(each["month"], each["cases"], each["enough"]) for each in fits] == [
            ("2027-03", 20, True), ("2027-02", 0, False), ("2026-11", 0, False),
        ]  # fmt: skip
        assert [(each["cases"], each["returned"], each["returns"]) for each in fits[0]["seen"]] == [
            (12, 9, "0.7500"), (0, 0, "0.7500"), (8, 2, "0.2500"), (0, 0, "0.2500"), (0, 0, "0.2500"),
        ]  # fmt: skip
        new = (await service.record(solved[0][0]))["id"]
        found = await case_cost(service, new)
        assert (found["returns"], found["learnt"]) == ("0.7500", {"source": "fit", "cases": 20, "needed": 20})
        assert found["value_at_risk"] == "75.75", "1,010 × 0.30 × 0.25"
        assert (await cost(service, "2027-03"))["value_at_risk"] == "75.75"
        as_written = await case_cost(service, new, policy_version=2)
        assert (as_written["returns"], as_written["learnt"]["source"]) == ("0.54", "policy")
        old = await case_cost(service, solved[0][1])
        assert (old["returns"], old["learnt"]["source"]) == ("0.54", "policy"), (
            "what was recorded before keeps its curve"
        )


# ---------------------------------------------------------------------------- value at risk


async def buys(service: Complaints, customer_id: UUID, amount: str, at: datetime) -> None:
    bought = {"customer_id": customer_id, "purchase_id": new_id(), "amount": amount, "occurred_at": at}
    await hears(service, PurchaseRecorded.model_validate(bought))


async def hears(service: Complaints, fact: Fact) -> None:
    """A purchase is told as an aggregate of its own."""
    await service.deliver([Event.of(fact, aggregate_id=new_id(), version=1, at=service.clock.now())])


async def big_customer(service: Complaints) -> UUID:
    """Who buys for 126,000 a year: 10,500 in each month, the running one among them."""
    customer = await service.customer()
    for back in range(12):
        month = Month.of(START, service.service.context.zone).plus(-back)
        await buys(service, customer, "10500", month.starts(service.service.context.zone))
    return customer


async def case_cost(service: Complaints, id_: str, **asked: Any) -> dict[str, Any]:
    answer = await service.get(f"/complaints/{id_}/cost", **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.example(14)
async def test_what_may_be_lost_with_a_customer(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await big_customer(service)))["id"]
        service.clock.forward(timedelta(hours=4))
        await service.move(id_, "answer")
        await service.move(id_, "resolve")

        found = await case_cost(service, id_)

        assert (found["yearly_purchases"], found["margin"], found["returns"]) == ("126000.00", "0.30", "0.54")
        assert (found["value_at_risk"], found["speed"]) == ("17388.00", "within_4_hours")
        assert (found["counts"], found["cost"], found["given"]) == (True, "1008.20", "0.00")
        assert (found["minutes"], found["minutes_to_answer"], found["policy_version"]) == (240, 240, 1)


async def test_what_is_at_risk_rises_with_the_hours(fresh_database: FreshDatabase) -> None:
    """126,000 × 0.30 × (1 − what the curve says): also while the case is not solved."""
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await big_customer(service)))["id"]
        found = []
        for hours in (4, 24, 72, 168, 169):
            service.clock.move_to(START + timedelta(hours=hours))
            found.append((await case_cost(service, id_))["value_at_risk"])

        assert found == ["17388.00", "21546.00", "25704.00", "29862.00", "34020.00"]
        assert (await case_cost(service, id_))["speed"] == "unsolved"


async def test_a_month_s_value_is_the_sum_of_its_cases(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        big, small = await big_customer(service), await service.customer()
        await buys(service, small, "1000.33", START)
        await buys(service, small, "9000", START - timedelta(days=366))  # more than a year before
        ids = [(await service.record(customer))["id"] for customer in (big, small, small)]
        nobodys = (await service.record())["id"]
        malicious = (await service.record(big))["id"]
        await judge(service, malicious, valid=True, good_faith=False)
        service.clock.forward(timedelta(hours=5))
        await service.move(ids[1], "resolve")
        await policy(service, margin="0.5")
        service.clock.forward(timedelta(hours=1))
        ids.append((await service.record(small))["id"])
        service.clock.forward(timedelta(days=2))

        found = await cost(service)
        cases = [await case_cost(service, id_) for id_ in ids]

        assert sum(Decimal(each["value_at_risk"]) for each in cases) == Decimal(found["value_at_risk"])
        assert [each["value_at_risk"] for each in cases] == ["25704.00", "171.06", "204.07", "340.11"]
        assert (found["without_customer"], (await case_cost(service, nobodys))["value_at_risk"]) == (1, None)
        one = await case_cost(service, malicious)
        assert (one["counts"], one["cost"], one["value_at_risk"]) == (False, "0.00", None)
        assert sum(Decimal(each["value_at_risk"]) for each in found["speed"]) == Decimal(found["value_at_risk"])
        by_second = await case_cost(service, ids[1], policy_version=2)
        assert (by_second["policy_version"], by_second["value_at_risk"]) == (2, "285.09")


async def test_who_brings_back_more_than_they_buy_is_no_gain(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        ids = {"customer_id": customer, "purchase_id": new_id(), "return_id": new_id()}
        returned = {**ids, "amount": "-50", "occurred_at": START}
        await hears(service, PurchaseReturned.model_validate(returned))
        id_ = (await service.record(customer))["id"]

        found = await case_cost(service, id_)

        assert (found["yearly_purchases"], found["value_at_risk"]) == ("-50.00", "0.00")
        assert (await cost(service))["value_at_risk"] == "0.00"


async def test_a_manager_sees_what_the_cases_of_their_people_cost(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        manager = await service.colleague("brand_manager")
        seen = (await service.record(await service.customer(team={"brand_manager": manager})))["id"]
        other = (await service.record(await service.customer(team={})))["id"]

        async def asked(id_: str) -> int:
            headers = as_role("brand_manager", manager)
            return (await service.http.get(f"/complaints/v1/complaints/{id_}/cost", headers=headers)).status_code

        assert (await asked(seen), await asked(other), await asked(str(new_id()))) == (200, 404, 404)


@pytest.mark.parametrize("role", ["salesperson", "cs_specialist", "beauty_mentor"])
async def test_only_those_who_lead_see_it(fresh_database: FreshDatabase, role: str) -> None:
    async with complaints(fresh_database) as service:

        async def asked(who: str, subject: UUID) -> int:
            headers = as_role(who, subject)
            return (await service.http.get(f"/complaints/v1/cost?month={NOVEMBER}", headers=headers)).status_code

        assert await asked(role, new_id()) == 403
        assert await asked("cs_manager", CS_MANAGER) == 200


async def test_what_customers_records_is_at_risk_in_complaints(fresh_database: FreshDatabase) -> None:
    """On the whole network: twelve months of 10,500, a return, a case that is solved within the hour."""
    async with whole_network(fresh_database) as network:

        async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = await network.http.post(path, json=body)
            assert answer.status_code in (200, 201), answer.text
            return dict(answer.json())

        shop = (await post("/customers/v1/customers", {"name": "雅丽美容院", "kind": "store"}))["id"]
        bought = []
        for back in range(12):
            at = Month.of(START, SHANGHAI).plus(-back).starts(SHANGHAI).isoformat()
            body = {"customer_id": shop, "amount": "10500", "occurred_at": at}
            bought.append((await post("/customers/v1/purchases", body))["id"])
        await network.drain()
        case_ = await post("/complaints/v1/complaints", case(UUID(shop)))
        await post(f"/complaints/v1/complaints/{case_['id']}/resolve", {"text": "exchanged"})
        path = f"/complaints/v1/complaints/{case_['id']}/cost"
        assert (await network.http.get(path)).json()["value_at_risk"] == "17388.00"

        await post(f"/customers/v1/purchases/{bought[0]}/returns", {"amount": "6000"})
        await network.drain()

        found = (await network.http.get(path)).json()
        assert (found["yearly_purchases"], found["value_at_risk"]) == ("120000.00", "16560.00")
        month = (await network.http.get(f"/complaints/v1/cost?month={NOVEMBER}")).json()
        assert (month["value_at_risk"], month["complaints"], month["cost"]) == ("16560.00", 1, "1008.20")
