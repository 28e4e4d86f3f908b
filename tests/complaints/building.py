"""Builders for tests of complaints: a service with its people, customers and cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.customers import (
    AccountTeamChanged,
    CustomerRegistered,
    DepartmentListed,
    StaffListed,
    TierChanged,
)
from shared.ids import new_id
from shared.money import ZERO
from shared.settings import Settings
from tests.postgres import FreshDatabase
from tests.support import SETTINGS, START, OneService, bearer, one_service

SPECIALIST = UUID("01900000-0000-7000-8000-00000000a001")
SUPERVISOR = UUID("01900000-0000-7000-8000-00000000a002")
MANAGER = UUID("01900000-0000-7000-8000-00000000a003")
CS_MANAGER = UUID("01900000-0000-7000-8000-00000000a004")
GENERAL = UUID("01900000-0000-7000-8000-00000000a005")
SALESPERSON = UUID("01900000-0000-7000-8000-00000000a006")
DEPARTMENT = UUID("01900000-0000-7000-8000-00000000b001")

CHAIN = [SPECIALIST, SUPERVISOR, MANAGER, CS_MANAGER, GENERAL]


class Complaints(OneService):
    """The service alone, in the domain's words."""

    async def people(self) -> None:
        """The whole chain of escalation, and a salesperson."""
        await self.given(
            DepartmentListed(department_id=DEPARTMENT, name="客服部", manager_id=MANAGER),
            _staff(SPECIALIST, "cs_specialist", supervisor_id=SUPERVISOR),
            _staff(SUPERVISOR, "cs_specialist"),
            _staff(MANAGER, "brand_manager"),
            _staff(CS_MANAGER, "cs_manager"),
            _staff(GENERAL, "general_manager"),
            _staff(SALESPERSON, "salesperson"),
        )

    async def clocks(self, id_: str) -> dict[str, dict[str, Any]]:
        """The clocks of a case's present round, by kind."""
        answer = await self.get(f"/complaints/{id_}/clocks")
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        return {item["kind"]: item for item in items if item["round"] == items[-1]["round"]}

    async def colleague(self, role: str, **fields: Any) -> UUID:
        """Somebody more of the department, listed."""
        listed = StaffListed(staff_id=new_id(), name=role, role=role, department_id=DEPARTMENT, **fields)
        await self.given(listed)
        return listed.staff_id

    async def customer(self, tier: str = "D", team: dict[str, UUID] | None = None) -> UUID:
        """A registered customer in a tier, served by the specialist unless a team is given."""
        id_ = new_id()
        registered = CustomerRegistered.model_validate(
            {"customer_id": id_, "kind": "store", "tier": tier, "registered_at": self.clock.now()}
        )
        await self.given(registered)
        served_by = {"cs_specialist": SPECIALIST} if team is None else team
        await self.given(AccountTeamChanged(customer_id=id_, team=served_by), version=2)
        return id_

    async def tier_moves(self, customer_id: UUID, to: str, *, version: int = 3) -> None:
        moved = TierChanged.model_validate(
            {
                "customer_id": customer_id,
                "from_tier": "D",
                "to_tier": to,
                "cause": "purchase",
                "total": ZERO,
                "policy_version": 1,
                "at": self.clock.now(),
            }
        )
        await self.given(moved, version=version)

    async def record(self, customer_id: UUID | None = None, **fields: Any) -> dict[str, Any]:
        """A recorded case, as answered."""
        answer = await self.post("/complaints", case(customer_id, **fields))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return await self.http.post("/complaints/v1" + path, json=body, headers=headers)

    async def refused(self, path: str, body: object = None) -> tuple[int, str]:
        """Status and slug of what must not succeed."""
        answer = await self.post(path, body)
        return answer.status_code, answer.json().get("slug", "")

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get("/complaints/v1" + path, params=params)

    async def move(self, id_: str, movement: str, **body: Any) -> dict[str, Any]:
        """A movement of a case that must succeed."""
        answer = await self.post(f"/complaints/{id_}/{movement}", {"text": "as agreed", **body})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def read(self, id_: str) -> dict[str, Any]:
        answer = await self.get(f"/complaints/{id_}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def case(customer_id: UUID | None = None, **fields: Any) -> dict[str, Any]:
    """The body of a complaint; somebody unknown complains where no customer is named."""
    who: dict[str, Any] = (
        {"customer_id": str(customer_id)}
        if customer_id
        else {"complainant": {"name": "王小姐", "contact": "+8613800000000"}}
    )
    return {
        **who,
        "kind": "complaint",
        "subject": "product",
        "against": {"type": "product", "name": "面霜"},
        "text": "开封后变色",
        "channel": "line",
        **fields,
    }


def as_role(role: str, subject: UUID) -> dict[str, str]:
    return bearer(role, subject)


def _staff(id_: UUID, role: str, supervisor_id: UUID | None = None) -> StaffListed:
    return StaffListed(staff_id=id_, name=role, role=role, department_id=DEPARTMENT, supervisor_id=supervisor_id)


@asynccontextmanager
async def complaints(
    fresh_database: FreshDatabase, start: datetime = START, settings: Settings = SETTINGS
) -> AsyncIterator[Complaints]:
    """The service on a fresh database, with its people."""
    async with one_service(fresh_database, "complaints", start, settings) as alone:
        service = Complaints(alone.service, alone.clock)
        await service.people()
        async with service.http:
            yield service
