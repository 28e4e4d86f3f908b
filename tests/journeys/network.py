"""A small franchise network, built through the public API: what journeys begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from shared.ids import new_id
from tests.moments import one_form

STAFF = (
    "general_manager",
    "admin_dept",
    "cs_manager",
    "sales_manager",
    "cs_specialist",
    "salesperson",
    "beauty_mentor",
)
SUPERVISORS = {
    "cs_manager": "general_manager",
    "cs_specialist": "sales_manager",
    "sales_manager": "general_manager",
    "salesperson": "sales_manager",
    "beauty_mentor": "sales_manager",
}


@dataclass(frozen=True)
class Company:
    """A brand company with one region, one mid-grade brand and a person in every role that serves customers."""

    http: httpx.AsyncClient
    region: str
    brand: str
    department: str
    staff: dict[str, str]

    async def store(self, name: str = "丽人美容院", external_no: str | None = None) -> str:
        """A new store with the whole account team; its id."""
        body = {"name": name, "kind": "store", "region_id": self.region, "phones": ["+8613800000000"]}
        number = external_no or new_id().hex[-12:]
        customer = await post(self.http, "/customers/v1/customers", {**body, "external_no": number})
        team = {role: self.staff[role] for role in ("salesperson", "beauty_mentor", "cs_specialist", "cs_manager")}
        answer = await self.http.put(
            f"/customers/v1/customers/{customer['id']}/team", json=team, headers={"If-Match": "*"}
        )
        assert answer.status_code in (200, 201), answer.text
        return str(customer["id"])

    async def joined_by(self, role: str) -> str:
        """A colleague more of the one department; their id."""
        address = f"{role}-{new_id().hex[-6:]}@example.com"
        person = {"name": f"新同事 {role}", "role": role, "department_id": self.department, "address": address}
        return str((await post(self.http, "/customers/v1/staff", person))["id"])

    async def buys(self, store: str, amount: str, at: datetime) -> None:
        purchase = {"customer_id": store, "brand_id": self.brand, "amount": amount, "occurred_at": at.isoformat()}
        await post(self.http, "/customers/v1/purchases", {**purchase, "external_no": new_id().hex})

    async def complains(self, store: str, **more: Any) -> dict[str, Any]:
        complaint = {
            "customer_id": store,
            "subject": "delivery",
            "text": "Nothing has arrived.",
            "channel": "line",
        }
        return await post(self.http, "/complaints/v1/complaints", {**complaint, **more})


async def company(http: httpx.AsyncClient) -> Company:
    """Founds the company."""
    region = await post(http, "/customers/v1/regions", {"name": "华东"})
    brand = await post(http, "/customers/v1/brands", {"name": "雅致", "grade": "mid"})
    department = await post(http, "/customers/v1/departments", {"name": "客户服务部"})
    staff: dict[str, str] = {}
    for role in STAFF:
        person = {
            "name": f"员工 {role}",
            "role": role,
            "department_id": department["id"],
            "supervisor_id": staff.get(SUPERVISORS.get(role, "")),
            "channel": "email",
            "address": f"{role}@example.com",
        }
        staff[role] = str((await post(http, "/customers/v1/staff", person))["id"])
    answer = await http.patch(
        f"/customers/v1/departments/{department['id']}",
        json={"manager_id": staff["cs_manager"]},
        headers={"If-Match": "*"},
    )
    assert answer.status_code == 200, answer.text
    return Company(http, str(region["id"]), str(brand["id"]), str(department["id"]), staff)


async def post(
    http: httpx.AsyncClient, path: str, body: object, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answer of a POST that must succeed."""
    answer = await http.post(path, json=body, headers=headers)
    assert answer.status_code in (200, 201, 202), f"{path}: {answer.status_code} {answer.text}"
    one_form(answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def get(http: httpx.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    """The answer of a GET that must succeed."""
    answer = await http.get(path, params=query)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
    one_form(answer.text)
    found: dict[str, Any] = answer.json()
    return found
