"""A small network to test customers with: builders with sensible defaults, through the public API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from shared.ids import new_id
from tests.support import OneService

BASE = "/customers/v1"


async def made(customers: OneService, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What POST answered; fails with the problem when it was refused."""
    answer = await customers.http.post(f"{BASE}/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    entry: dict[str, Any] = answer.json()
    return entry


async def store(customers: OneService, name: str = "美丽人生美容院", **more: Any) -> UUID:
    return UUID((await made(customers, "customers", {"name": name, "kind": "store", **more}))["id"])


async def brand(customers: OneService, grade: str = "mid") -> UUID:
    return UUID((await made(customers, "brands", {"name": "雅丽", "grade": grade}))["id"])


async def region(customers: OneService, name: str = "华东") -> UUID:
    return UUID((await made(customers, "regions", {"name": name}))["id"])


async def colleague(customers: OneService, role: str = "salesperson", **more: Any) -> UUID:
    body = {"name": "孙浩", "role": role, "address": "sun@example.com", **more}
    return UUID((await made(customers, "staff", body))["id"])


async def buy(
    customers: OneService, customer_id: UUID, amount: str, at: datetime | None = None, **more: Any
) -> httpx.Response:
    """POST purchases; `at` is now unless given."""
    moment = (at or customers.clock.now()).isoformat()
    body = {"customer_id": str(customer_id), "amount": amount, "occurred_at": moment, **more}
    return await customers.http.post(f"{BASE}/purchases", json={k: _plain(v) for k, v in body.items()})


async def bought(
    customers: OneService, customer_id: UUID, amount: str, at: datetime | None = None, **more: Any
) -> UUID:
    answer = await buy(customers, customer_id, amount, at, **more)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def tier(customers: OneService, customer_id: UUID) -> str:
    answer = await customers.http.get(f"{BASE}/customers/{customer_id}")
    standing: str = answer.json()["tier"]
    return standing


async def history(customers: OneService, customer_id: UUID) -> list[tuple[str, str, str]]:
    """(from, to, cause) of each change."""
    answer = await customers.http.get(f"{BASE}/customers/{customer_id}/tier-history")
    return [(item["from"], item["to"], item["cause"]) for item in answer.json()["items"]]


async def close(customers: OneService, month: str) -> dict[str, Any]:
    """What the close answered; fails with the problem when it was refused."""
    answer = await customers.http.post(f"{BASE}/months/{month}/close")
    assert answer.status_code == 200, answer.text
    closed: dict[str, Any] = answer.json()
    return closed


def slug(answer: httpx.Response) -> tuple[int, str]:
    """Status and slug of a refusal."""
    return answer.status_code, answer.json()["slug"]


def nobody() -> UUID:
    return new_id()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


async def somebody_waits(customers: OneService) -> bool:
    """Whether anybody waits for a lock in the database."""
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await customers.database.fetchval(f"SELECT EXISTS ({waiting})"))
