"""What tests of promises say: promise, say what came of it, read how it stands."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.customers import StaffListed
from tests.complaints.building import DEPARTMENT, SALESPERSON, SPECIALIST, SUPERVISOR, Complaints, as_role

END_OF_20TH = datetime.fromisoformat("2026-11-21T00:00:00+08:00").astimezone(UTC)
"""The end of 20 November in the company's zone."""
A_SECOND = timedelta(seconds=1)
ZHOU = as_role("salesperson", SALESPERSON)
LI = as_role("cs_specialist", SPECIALIST)
ABOVE_ZHOU = as_role("cs_specialist", SUPERVISOR)


async def promise(service: Complaints, customer: UUID, by: dict[str, str] = ZHOU, **fields: Any) -> httpx.Response:
    body = {"customer_id": str(customer), "what": "一个陈列架", "code": "display", "due": "2026-11-20", **fields}
    return await service.http.post("/complaints/v1/commitments", json=body, headers=by)


async def promised(service: Complaints, **fields: Any) -> dict[str, Any]:
    """A promise of Zhou's to a store of his."""
    answer = await promise(service, await service.customer(team={"salesperson": SALESPERSON}), **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def beyond_the_rules(service: Complaints, **fields: Any) -> str:
    """A free display of 1,800 that Zhou, whose supervisor is listed, promised outside the rules."""
    await supervised(service)
    return str((await promised(service, outside_rules=True, cost="1800.00", **fields))["id"])


async def supervised(service: Complaints, **fields: Any) -> None:
    """Lists Zhou below his supervisor."""
    zhou = {"staff_id": SALESPERSON, "name": "周", "role": "salesperson", "department_id": DEPARTMENT}
    await service.given(StaffListed.model_validate({**zhou, "supervisor_id": SUPERVISOR, **fields}))


async def say(service: Complaints, id_: str, what: str, by: dict[str, str] = ZHOU, **body: Any) -> httpx.Response:
    return await service.http.post(f"/complaints/v1/commitments/{id_}/{what}", json=body, headers=by)


async def standing(service: Complaints, id_: str) -> dict[str, Any]:
    answer = await service.get(f"/commitments/{id_}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("slug", "")
