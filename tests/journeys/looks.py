"""What stories look at while they are told: short questions to the network, asked through its API."""

from collections.abc import Mapping
from typing import Any

from tests.journeys.network import Company, get
from tests.journeys.stage import Check, Stage

Found = dict[str, Any]


async def customer(stage: Stage, store: str) -> Found:
    return await get(stage.http, f"/customers/v1/customers/{store}")


async def customer_360(stage: Stage, store: str) -> Found:
    return await get(stage.http, f"/reporting/v1/customers/{store}")


async def case(stage: Stage, id_: str) -> Found:
    return await get(stage.http, f"/complaints/v1/complaints/{id_}")


async def tasks(stage: Stage, store: str, **query: Any) -> list[Found]:
    """A store's tasks by due moment."""
    found: list[Found] = (await get(stage.http, "/care/v1/tasks", customer_id=store, limit=500, **query))["items"]
    return found


async def visits(stage: Stage, store: str) -> list[Found]:
    """The salesperson's visits that lie ahead."""
    ahead = await tasks(stage, store, state="open")
    return [task for task in ahead if (task["role"], task["contact"]) == ("salesperson", "visit")]


async def messages(stage: Stage, **whose: str) -> list[Found]:
    found: list[Found] = (await get(stage.http, "/care/v1/messages", limit=500, **whose))["items"]
    return found


async def history(stage: Stage, id_: str) -> list[Found]:
    """What has become of a case, in order."""
    found: list[Found] = (await get(stage.http, f"/complaints/v1/complaints/{id_}/history", limit=500))["items"]
    return found


async def penalties(stage: Stage, id_: str, **query: Any) -> list[Found]:
    """What rules propose, or have proposed, about a case."""
    found: list[Found] = (await get(stage.http, "/complaints/v1/penalties", limit=500, **query))["items"]
    return [each for each in found if each["basis"]["id"] == id_]


async def month_of_complaints(stage: Stage, month: str) -> Found:
    return await get(stage.http, "/reporting/v1/complaints", month=month)


async def queue(stage: Stage, cases: list[str]) -> list[str]:
    """These cases in the order in which they wait."""
    waiting = [case["id"] for case in (await get(stage.http, "/complaints/v1/queue", limit=500))["items"]]
    return [id_ for id_ in waiting if id_ in cases]


def tier_is(stage: Stage, store: str, tier: str) -> Check:
    async def check() -> bool:
        return bool((await customer(stage, store))["tier"] == tier)

    return check


def reported_tier_is(stage: Stage, store: str, tier: str) -> Check:
    async def check() -> bool:
        return bool((await customer_360(stage, store))["tier"] == tier)

    return check


def queue_is(stage: Stage, expected: list[str]) -> Check:
    async def check() -> bool:
        return await queue(stage, expected) == expected

    return check


def visits_owed(stage: Stage, store: str, count: int) -> Check:
    async def check() -> bool:
        return len(await visits(stage, store)) == count

    return check


def planned_sooner(stage: Stage, store: str, before: Found) -> Check:
    async def check() -> bool:
        ahead = await visits(stage, store)
        return len(ahead) == 1 and bool(ahead[0]["due_at"] < before["due_at"])

    return check


def greeted(stage: Stage, store: str, times: int) -> Check:
    async def check() -> bool:
        rises = [each for each in await messages(stage, customer_id=store) if each["occasion"].startswith("tier_rise")]
        return len(rises) == times

    return check


def promotion_held(stage: Stage, store: str, held: bool) -> Check:
    async def check() -> bool:
        return bool((await get(stage.http, f"/care/v1/consents/{store}"))["promotion"]["held"] == held)

    return check


def case_says(stage: Stage, id_: str, **expected: Any) -> Check:
    async def check() -> bool:
        found = await case(stage, id_)
        return {name: found[name] for name in expected} == expected

    return check


def reported_case_says(stage: Stage, store: str, id_: str, **expected: Any) -> Check:
    """What customer 360 says of a case, which stands there once."""

    async def check() -> bool:
        found = [each for each in (await customer_360(stage, store))["complaints"] if each["id"] == id_]
        return [{name: each[name] for name in expected} for each in found] == [expected]

    return check


def apology_call_planned(stage: Stage, store: str, company: Company) -> Check:
    async def check() -> bool:
        calls = await tasks(stage, store, kind="apology_call")
        return [call["assignee_id"] for call in calls] == [company.staff["cs_manager"]]

    return check


def told(stage: Stage, staff: str) -> Check:
    async def check() -> bool:
        return any(message["state"] == "sent" for message in await messages(stage, staff_id=staff))

    return check


def told_of(stage: Stage, occasion: str, times: int = 1, **whose: str) -> Check:
    """Whether somebody was sent at least so many messages of this occasion."""

    async def check() -> bool:
        found = [(each["occasion"], each["state"]) for each in await messages(stage, **whose)]
        return found.count((occasion, "sent")) >= times

    return check


def timeline_has(stage: Stage, store: str, id_: str, *types: str) -> Check:
    """Whether the customer's timeline tells of this case by events of all these types."""

    async def check() -> bool:
        entries = (await get(stage.http, f"/reporting/v1/customers/{store}/timeline", limit=500))["items"]
        told = {entry["type"] for entry in entries if entry["data"].get("complaint_id") == id_}
        return told >= {f"crm.complaint.{each}" if "." not in each else f"crm.{each}" for each in types}

    return check


def proposed(stage: Stage, id_: str, rule: str, *states: str) -> Check:
    """Whether what this rule proposes about a case stands just so."""

    async def check() -> bool:
        return [each["state"] for each in await penalties(stage, id_, rule=rule)] == list(states)

    return check


def ledger_has(stage: Stage, amounts: Mapping[str, str], penalty_id: str) -> Check:
    """Whether reporting's ledger has just these bookings of a penalty: amount -> who."""

    async def check() -> bool:
        entries = (await get(stage.http, "/reporting/v1/ledger", limit=500))["entries"]
        found = [each for each in entries if each["basis"]["id"] == penalty_id]
        return {each["amount"]: each["person_id"] for each in found} == amounts and len(found) == len(amounts)

    return check


def fund_comes_to(stage: Stage, brand_company: Company, total: str) -> Check:
    """Whether reporting's ledger of the company's one department's fund has something, and adds up to so much."""

    async def check() -> bool:
        ledger = await get(stage.http, "/reporting/v1/ledger", fund_id=brand_company.department)
        return bool(ledger["bookings"]) and str(ledger["total"]) == total

    return check


def month_grew(stage: Stage, month: str, before: Found, **by: int) -> Check:
    """Whether these figures of the month report are so much higher than before; other stories play in it too."""

    async def check() -> bool:
        now = await month_of_complaints(stage, month)
        return {name: now[name] - before[name] for name in by} == by

    return check
