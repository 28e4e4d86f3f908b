"""The scheme: its parts as all services tell of them, its versions, and who has acknowledged which."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from services.customers.scheme.domain import Part, changes, standing
from shared.bus.event import Event
from shared.contracts import complaints
from shared.contracts.scheme import PolicyVersioned
from shared.ids import new_id
from tests.customers.network import BASE, colleague, made, slug
from tests.postgres import FreshDatabase
from tests.support import START, OneService, WholeNetwork, bearer, one_service, whole_network

DAY = timedelta(days=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def version(part: str = "penalties", number: int = 1, starts_at: datetime = LONG_AGO, **more: Any) -> PolicyVersioned:
    fields = {"policy_id": new_id(), "part": part, "version": number, "starts_at": starts_at, "at": starts_at, **more}
    return PolicyVersioned.model_validate(fields)


async def told(customers: OneService, *facts: PolicyVersioned, number: int = 1) -> None:
    """Complaints tells of versions of its policies."""
    topic = complaints.FACTS
    at = customers.clock.now()
    await customers.deliver(
        Event.of(fact, aggregate_id=fact.policy_id, version=number, at=at, topic=topic) for fact in facts
    )


async def make(customers: OneService, title: str = "2026", **more: Any) -> dict[str, Any]:
    return await made(customers, "scheme-versions", {"title": title, **more})


def parts(found: dict[str, Any]) -> dict[str, int]:
    return {each["part"]: each["version"] for each in found["parts"]}


def changed(found: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["change"], (each["after"] or each["before"])["part"]) for each in found]


async def get(customers: OneService, path: str, **params: Any) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def acknowledge(customers: OneService, id_: str, who: UUID, role: str = "salesperson") -> httpx.Response:
    path = f"{BASE}/scheme-versions/{id_}/acknowledgement"
    return await customers.http.post(path, headers=bearer(role, who))


# ---------------------------------------------------------------------------- rules


def part(name: str, number: int, starts_at: datetime = LONG_AGO, **scope: Any) -> Part:
    scope = {"tier": None, "subject": None, "department_id": None, **scope}
    return Part(part=name, version=number, policy_id=new_id(), starts_at=starts_at, **scope)


def test_of_each_part_and_scope_the_latest_version_that_has_started_holds() -> None:
    first, second, ahead = part("penalties", 1), part("penalties", 2, START), part("penalties", 3, START + DAY)
    of_a = part("penalties", 4, START, tier="A")

    assert standing([ahead, of_a, second, first], START) == [second, of_a]
    assert standing([ahead, of_a, second, first], START - DAY) == [first]


def test_of_tiers_the_version_with_the_latest_start_holds() -> None:
    """As months are judged (domain 2.4): a later version that starts earlier does not supersede."""
    one, later = part("tiers", 2, START), part("tiers", 3, START - DAY)

    assert standing([one, later], START) == [one]
    assert standing([part("levels", 2, START), last := part("levels", 3, START - DAY)], START) == [last]


def test_what_became_of_the_parts() -> None:
    kept, old, gone = part("a", 1), part("b", 1), part("c", 1)
    new, instead = part("d", 1), part("b", 2)

    found = [(each.change, each.before, each.after) for each in changes([kept, old, gone], [new, instead, kept])]

    assert found == [("changed", old, instead), ("gone", gone, None), ("new", None, new)]


# ---------------------------------------------------------------------------- versions


async def test_a_version_is_made_of_the_parts_as_they_stand(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await customers.run_loops("customers.scheme")
        answer = await customers.http.get(f"{BASE}/scheme")
        assert slug(answer) == (404, "no-scheme")
        ahead = version(number=2, starts_at=START + DAY)
        await told(customers, version(), version("clock_answer"), ahead)

        first = await make(customers, "客户管理方案")

        assert (first["version"], first["title"], parts(first)) == (
            1,
            "客户管理方案",
            {"clock_answer": 1, "penalties": 1, "key_accounts": 1, "network": 1, "signals": 1, "tiers": 1}
            | {"relationships": 1, "segment_names": 1, "winback": 1, "worth": 1},
        )  # fmt: skip
        assert {change for change, _ in changed(first["changes"])} == {"new"}
        found = await get(customers, "scheme")
        assert (found["id"], found["since"]) == (first["id"], [])

        customers.clock.forward(DAY)

        found = await get(customers, "scheme")
        assert (found["version"], parts(found)["penalties"]) == (1, 1), "what was made stays as it was"
        assert [(each["change"], each["before"]["version"], each["after"]["version"]) for each in found["since"]] == [
            ("changed", 1, 2)
        ]
        draft = await get(customers, "scheme-draft")
        assert (draft["changes"], parts(draft)["penalties"]) == (found["since"], 2)

        second = await make(customers)

        assert (second["version"], second["changes"]) == (2, draft["changes"])
        assert (await get(customers, "scheme"))["id"] == second["id"]
        assert [each["version"] for each in (await get(customers, "scheme-versions"))["items"]] == [2, 1]
        assert (await get(customers, f"scheme-versions/{first['id']}"))["parts"] == first["parts"]


async def test_a_draft_and_a_version_look_ahead(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await told(customers, version(), version(number=2, starts_at=START + DAY))
        december = (START + 2 * DAY).isoformat()
        draft = await get(customers, "scheme-draft", holds_from=december)
        assert parts(draft)["penalties"] == 2

        await make(customers, holds_from=december)

        assert slug(await customers.http.get(f"{BASE}/scheme")) == (404, "no-scheme")
        customers.clock.forward(2 * DAY)
        assert parts(await get(customers, "scheme"))["penalties"] == 2


async def test_what_was_taken_back_is_no_part(fresh_database: FreshDatabase) -> None:
    """Whichever of the two is heard first."""
    async with one_service(fresh_database, "customers") as customers:
        general, of_a, of_b = (
            version("clock_answer"),
            version("clock_answer", tier="A"),
            version("clock_answer", tier="B"),
        )
        await told(customers, general, of_a)
        for each in (of_a, of_b):
            await told(customers, each.model_copy(update={"withdrawn": True}), number=2)
        await customers.deliver([Event.of(of_b, aggregate_id=new_id(), version=1, at=START, topic=complaints.FACTS)])

        found = await make(customers)

        assert [(each["part"], each["tier"]) for each in found["parts"]] == [("clock_answer", None)]


async def test_what_a_version_cannot_be(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:

        async def refused(**body: Any) -> tuple[int, str]:
            return slug(await customers.http.post(f"{BASE}/scheme-versions", json={"title": "x", **body}))

        await told(customers, version(), version(number=2, starts_at=START + 3 * DAY))
        assert await refused(holds_from=(START - timedelta(seconds=1)).isoformat()) == (422, "scheme-start-refused")
        await make(customers, holds_from=(START + 2 * DAY).isoformat())
        assert await refused(holds_from=(START + 2 * DAY).isoformat()) == (409, "scheme-unchanged")
        assert await refused(holds_from=(START + DAY).isoformat()) == (422, "scheme-start-refused")
        assert await refused(title="") == (422, "invalid")
        assert len((await get(customers, "scheme-versions"))["items"]) == 1


async def test_two_who_make_the_first_one_at_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await told(customers, version())
        body = {"title": "x"}

        answers = await asyncio.gather(*(customers.http.post(f"{BASE}/scheme-versions", json=body) for _ in range(2)))

        assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_version_that_does_not_hold_yet_is_taken_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await told(customers, version(), version(number=2, starts_at=START + DAY))
        first, second = await make(customers), await make(customers, holds_from=(START + DAY).isoformat())

        async def withdraw(id_: str) -> httpx.Response:
            return await customers.http.post(f"{BASE}/scheme-versions/{id_}/withdrawal")

        assert slug(await withdraw(first["id"])) == (409, "scheme-holds")
        assert slug(await withdraw(str(new_id()))) == (404, "no-such-scheme-version")
        taken_back = await withdraw(second["id"])
        assert (taken_back.status_code, taken_back.json()["withdrawn_at"]) == (200, "2026-11-04T01:00:00Z")
        assert slug(await withdraw(second["id"])) == (409, "scheme-superseded")
        customers.clock.forward(2 * DAY)
        assert (await get(customers, "scheme"))["version"] == 1
        assert (await make(customers))["version"] == 3, "a number is given once"


# ---------------------------------------------------------------------------- acknowledgements


async def test_each_colleague_acknowledges_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        li = await colleague(customers)
        await told(customers, version(), version(number=2, starts_at=START + DAY))
        first = await make(customers)

        async def waiting() -> list[int]:
            answer = await customers.http.get(f"{BASE}/me", headers=bearer("salesperson", li))
            return [each["version"] for each in answer.json()["scheme"]]

        assert await waiting() == [1]
        assert (await get(customers, "me"))["scheme"] == [], "the administrator of the system is no colleague"
        once = await acknowledge(customers, first["id"], li)
        customers.clock.forward(timedelta(hours=1))
        again = await acknowledge(customers, first["id"], li)

        assert (once.status_code, again.status_code, once.json()) == (200, 200, again.json())
        assert once.json() == {"version": 1, "acknowledged_at": "2026-11-04T01:00:00Z"}
        assert await waiting() == []
        assert (await get(customers, "scheme"))["acknowledged"] == 1

        ahead = await make(customers, holds_from=(START + DAY).isoformat())

        assert await waiting() == [2], "what will hold can be read beforehand"
        assert (await acknowledge(customers, ahead["id"], li)).status_code == 200
        customers.clock.forward(DAY)
        assert slug(await acknowledge(customers, first["id"], li)) == (409, "scheme-superseded")
        assert slug(await acknowledge(customers, ahead["id"], new_id())) == (403, "not-of-the-staff")
        assert slug(await acknowledge(customers, str(new_id()), li)) == (404, "no-such-scheme-version")


async def test_who_has_acknowledged_and_who_has_not(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wang = await colleague(customers, "sales_manager", name="王")
        li = await colleague(customers, supervisor_id=str(wang), name="李")
        zhao = await colleague(customers, supervisor_id=str(wang), name="赵")
        sun = await colleague(customers, name="孙")
        admin = await colleague(customers, "admin_dept", name="陈")
        left = await colleague(customers, name="钱")
        gone = await customers.http.patch(f"{BASE}/staff/{left}", json={"active": False}, headers={"If-Match": '"1"'})
        assert gone.status_code == 200, gone.text
        await told(customers, version())
        scheme = await make(customers)
        for who in (li, sun):
            assert (await acknowledge(customers, scheme["id"], who)).status_code == 200

        async def listed(who: UUID, role: str, **asked: Any) -> list[tuple[str, bool]]:
            path = f"{BASE}/scheme-versions/{scheme['id']}/acknowledgements"
            answer = await customers.http.get(path, params=asked, headers=bearer(role, who))
            assert answer.status_code == 200, answer.text
            return [(each["name"], each["acknowledged_at"] is not None) for each in answer.json()["items"]]

        assert await listed(admin, "admin_dept") == [
            ("王", False), ("李", True), ("赵", False), ("孙", True), ("陈", False),
        ]  # fmt: skip
        assert await listed(admin, "admin_dept", acknowledged=True) == [("李", True), ("孙", True)]
        assert await listed(wang, "sales_manager", acknowledged=False) == [("王", False), ("赵", False)]
        assert await listed(zhao, "salesperson") == [("赵", False)]


async def test_who_may_make_one(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for role, status in (("cs_manager", 403), ("salesperson", 403), ("general_manager", 201)):
            answer = await customers.http.post(
                f"{BASE}/scheme-versions", json={"title": "x"}, headers=bearer(role, new_id())
            )
            assert answer.status_code == status, role


# ---------------------------------------------------------------------------- telling


async def versioned(service: OneService) -> list[tuple[str, int, bool]]:
    facts = await service.facts(PolicyVersioned)
    return [(fact.part, fact.version, fact.withdrawn) for fact in facts]


async def test_tiers_are_told_once_and_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await customers.run_loops("customers.scheme")
        await customers.run_loops("customers.scheme")
        assert await versioned(customers) == [
            ("key_accounts", 1, False),
            ("network", 1, False),
            ("relationships", 1, False),
            ("segment_names", 1, False),
            ("signals", 1, False),
            ("tiers", 1, False),
            ("winback", 1, False),
            ("worth", 1, False),
        ]
        *_, event = await customers.events(PolicyVersioned)
        assert (event.historical, event.topic) == (True, "crm.customers.v1"), "it came with the service"

        added = await customers.http.post(
            f"{BASE}/tier-policies",
            json={"thresholds": {"A": "9000", "B": "3000", "C": "1000"}, "starts_on": "2026-12-01"},
        )
        assert added.status_code == 201, added.text

        first, second = [each for each in await customers.facts(PolicyVersioned) if each.part == "tiers"]
        assert (str(second.policy_id), second.version) == (added.json()["id"], 2)
        assert second.starts_at == datetime.fromisoformat("2026-12-01T00:00:00+08:00")
        assert parts(await make(customers))["tiers"] == first.version == 1
        await customers.run_loops("customers.scheme")
        assert len(await versioned(customers)) == 9


async def test_complaints_tells_of_each_of_its_policies(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "complaints") as service:
        await service.run_loops("complaints.scheme")
        first = await versioned(service)
        assert {part_ for part_, _, _ in first} >= {
            "assignment", "call_backs", "clock_accept", "clock_answer", "cost", "penalties", "settlement_limits",
            "solution_approval", "step_roles",
        }  # fmt: skip
        assert len(set(first)) == len(first)

        async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = await service.http.post(f"/complaints/v1/{path}", json=body)
            assert answer.status_code in (200, 201), answer.text
            return dict(answer.json())

        await post("penalty-policies", {"amounts": {"repeat": "300.00"}})
        await post("call-back-policies", {"days": 4})
        await post("assignment-policies", {"most_open": 20, "silent_after": "PT10M"})
        clock = await post("clock-policies", {"answer_within": "PT2H", "tier": "A"})
        await post(f"clock-policies/{clock['id']}/withdrawal", {"reason": "not agreed"})
        refused = await service.http.post("/complaints/v1/penalty-policies", json={"amounts": {"repeat": "30.00"}})
        assert refused.status_code == 422
        await service.run_loops("complaints.scheme")

        events = (await service.events(PolicyVersioned))[len(first) :]
        facts = [event.read(PolicyVersioned) for event in events]
        assert [(fact.part, fact.tier, fact.withdrawn) for fact in facts] == [
            ("penalties", None, False), ("call_backs", None, False), ("assignment", None, False),
            ("clock_answer", "A", False), ("clock_answer", "A", True),
        ]  # fmt: skip
        assert {(event.topic, event.historical) for event in events} == {("crm.complaints.v1", False)}
        assert [event.aggregate_version for event in events] == [1, 1, 1, 1, 2]


async def test_two_workers_tell_it_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "complaints") as service:
        await asyncio.gather(*(service.run_loops("complaints.scheme") for _ in range(4)))

        found = await versioned(service)
        assert len(found) == len(set(found)) > 5


async def test_a_version_of_each_service_becomes_a_part(fresh_database: FreshDatabase) -> None:
    """On the whole network: what came with the services, and a matrix that changes."""
    async with whole_network(fresh_database) as network:
        await network.drain()

        async def scheme(title: str) -> dict[str, Any]:
            answer = await network.http.post(f"{BASE}/scheme-versions", json={"title": title})
            assert answer.status_code == 201, answer.text
            return dict(answer.json())

        first = parts(await scheme("first"))
        assert first.keys() >= {"tiers", "obligation_matrix", "at_risk", "clock_answer", "penalties", "step_roles"}

        await _change_matrix(network)
        await network.drain()

        second = await scheme("second")
        assert changed(second["changes"]) == [("changed", "obligation_matrix")]
        assert parts(second)["obligation_matrix"] == first["obligation_matrix"] + 1


async def _change_matrix(network: WholeNetwork) -> None:
    read = await network.http.get("/care/v1/obligation-matrix")
    answer = await network.http.put(
        "/care/v1/obligation-matrix",
        json={"obligations": read.json()["obligations"][:-1]},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert answer.status_code == 200, answer.text
