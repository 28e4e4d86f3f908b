"""Builders for tests of care: the service alone with its people, customers, cases and outbox."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from services.care.messages.domain import Message, Purpose
from services.care.messages.handlers import plan_messages
from shared.bus.event import Event
from shared.contracts.base import CaseFact, Fact
from shared.contracts.complaints import (
    CaseKind,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintReopened,
    ComplaintResolved,
)
from shared.contracts.customers import (
    AccountTeamChanged,
    ContactListed,
    CustomerRegistered,
    StaffContactListed,
    StaffListed,
    Tier,
    TierChanged,
)
from shared.delivery.port import Outgoing, Receipt
from shared.delivery.registry import Providers
from shared.ids import new_id
from shared.money import ZERO
from tests.postgres import FreshDatabase
from tests.support import SETTINGS, START, OneService, bearer, one_service

BOSS = UUID("01900000-0000-7000-8000-00000000c001")
SELLER = UUID("01900000-0000-7000-8000-00000000c002")
MENTOR = UUID("01900000-0000-7000-8000-00000000c003")
CS_MANAGER = UUID("01900000-0000-7000-8000-00000000c004")
ADMINISTRATION = UUID("01900000-0000-7000-8000-00000000c005")
OTHER_SELLER = UUID("01900000-0000-7000-8000-00000000c006")
PHONE = "+8613800138000"
"""The phone of every contact, unless fields say otherwise."""
TEAM = {"salesperson": SELLER, "beauty_mentor": MENTOR, "cs_manager": CS_MANAGER}


class Care:
    """The service alone, in the domain's words."""

    def __init__(self, service: OneService, outbox: Path) -> None:
        self.service = service
        self.outbox = outbox
        self.deliver = service.deliver
        self.facts = service.facts
        self.run_loops = service.run_loops
        self.http = service.http
        self.clock = service.clock
        self.database = service.database
        self._version = 1

    @property
    def context(self) -> Any:
        return self.service.service.context

    async def given(self, *facts: Fact | tuple[Fact, ...], version: int = 1, historical: bool = False) -> list[Event]:
        """Delivers facts of other services, also such as come together: `staff` makes a listing and a contact."""
        single = [each for fact in facts for each in (fact if isinstance(fact, tuple) else (fact,))]
        return await self.service.given(*single, version=version, historical=historical)

    async def people(self) -> None:
        """A salesperson, a mentor and a customer-service manager under one boss; administration."""
        await self.given(
            staff(BOSS, "sales_manager"),
            staff(SELLER, "salesperson", supervisor_id=BOSS),
            staff(MENTOR, "beauty_mentor", supervisor_id=BOSS),
            staff(CS_MANAGER, "cs_manager", supervisor_id=BOSS),
            staff(ADMINISTRATION, "admin_dept"),
        )

    async def customer(
        self,
        tier: Tier = "C",
        *,
        kind: Literal["store", "person"] = "store",
        team: Mapping[str, UUID] | None = None,
        historical: bool = False,
    ) -> UUID:
        """A registered customer with an account team (SELLER, MENTOR, CS_MANAGER unless given)."""
        id_ = new_id()
        registered = CustomerRegistered(customer_id=id_, kind=kind, tier=tier, registered_at=self.clock.now())
        await self.given(registered, historical=historical)
        await self.team(id_, TEAM if team is None else team, historical=historical)
        return id_

    async def team(self, customer_id: UUID, team: Mapping[str, UUID], *, historical: bool = False) -> None:
        fact = AccountTeamChanged(customer_id=customer_id, team=dict(team))
        await self.given(fact, version=self._next(), historical=historical)

    async def moves(self, customer_id: UUID, to: Tier, *, was: Tier = "C", historical: bool = False) -> list[Event]:
        """Delivers a tier change and returns its event."""
        fact = tier_change(customer_id, was, to, self.clock.now())
        return await self.given(fact, version=self._next(), historical=historical)

    async def contact(self, customer_id: UUID, **fields: Any) -> None:
        """A contact of a store: one phone, no e-mail, unless fields say otherwise."""
        values = {"kind": "store", "name": "丽人美容院", "phones": [PHONE], **fields}
        await self.given(ContactListed.model_validate({"customer_id": customer_id, **values}))

    async def opens(self, customer_id: UUID | None, *, historical: bool = False, number: str = "C-1") -> UUID:
        """Opens a case and returns its id."""
        complaint = new_id()
        fact = ComplaintOpened(
            complaint_id=complaint,
            customer_id=customer_id,
            number=number,
            kind="complaint",
            subject="product",
            channel="phone",
            at=self.clock.now(),
        )
        await self.given(fact, version=self._next(), historical=historical)
        return complaint

    async def overdue(
        self,
        complaint: UUID,
        customer_id: UUID | None,
        *,
        staff_id: UUID | None = None,
        round_: int = 1,
        historical: bool = False,
        kind: CaseKind = "complaint",
    ) -> list[Event]:
        now = self.clock.now()
        fact = ComplaintOverdue(
            kind=kind,
            complaint_id=complaint,
            customer_id=customer_id,
            round=round_,
            number="C-1",
            due_at=now,
            staff_id=staff_id,
            at=now,
        )
        return await self.given(fact, version=self._next(), historical=historical)

    async def escalates(self, complaint: UUID, level: int, staff_id: UUID | None) -> None:
        now = self.clock.now()
        fact = ComplaintEscalated(
            complaint_id=complaint, number="C-1", level=level, staff_id=staff_id, due_at=now, at=now
        )
        await self.given(fact, version=self._next())

    async def resolves(self, complaint: UUID, customer_id: UUID) -> None:
        fact = ComplaintResolved(
            complaint_id=complaint, customer_id=customer_id, in_time=False, stopped_clock=True, at=self.clock.now()
        )
        await self.given(fact, version=self._next())

    async def closes(self, complaint: UUID, customer_id: UUID) -> None:
        fact = ComplaintClosed(complaint_id=complaint, customer_id=customer_id, at=self.clock.now())
        await self.given(fact, version=self._next())

    async def reopens(self, complaint: UUID, customer_id: UUID) -> None:
        fact = ComplaintReopened(complaint_id=complaint, customer_id=customer_id, round=2, at=self.clock.now())
        await self.given(fact, version=self._next())

    async def happens(self, fact: CaseFact, *, historical: bool = False) -> None:
        """A fact of a case, later than what was told of it before."""
        await self.given(fact, version=self._next(), historical=historical)

    def _next(self) -> int:
        self._version += 1
        return self._version

    async def tasks(self, customer_id: UUID | None = None, **filters: Any) -> list[dict[str, Any]]:
        """Tasks as the administrator lists them."""
        named = {"limit": 500, "customer_id": customer_id, **filters}
        params = {name: str(value) for name, value in named.items() if value is not None}
        answer = await self.http.get("/care/v1/tasks", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def open_task(self, customer_id: UUID, role: str, contact: str) -> dict[str, Any]:
        """The one open task of a duty."""
        (task,) = [
            task
            for task in await self.tasks(customer_id, state="open", kind="obligation")
            if (task["role"], task["contact"]) == (role, contact)
        ]
        return task

    async def finish(self, task_id: str, *, role: str = "admin", subject: UUID | None = None, **body: Any) -> Any:
        headers = bearer(role, subject) if subject else bearer()
        proof = {"minutes": 30, "content": "看望门店", "place": "上海市静安区", **body}
        return await self.http.post(f"/care/v1/tasks/{task_id}/done", json=proof, headers=headers)

    async def touch(
        self, customer_id: UUID, contact: str, *, role: str, subject: UUID, acting: str | None = None, **body: Any
    ) -> Any:
        """Records a touch without a task, as somebody with a role; `acting` in the role of somebody else."""
        proof = {"minutes": 10, "content": "问候", "place": "门店", **body}
        said = {"customer_id": str(customer_id), "contact": contact, "role": acting, **proof}
        return await self.http.post("/care/v1/touches", json=said, headers=bearer(role, subject))

    async def order_make_good(
        self, task_id: str, until: str, *, role: str = "admin_dept", subject: UUID = ADMINISTRATION
    ) -> Any:
        """Orders that a miss is made good, as administration unless somebody else is named."""
        path, body = f"/care/v1/tasks/{task_id}/make-good", {"until": until}
        return await self.http.post(path, json=body, headers=bearer(role, subject))

    async def messages(self, **filters: Any) -> list[dict[str, Any]]:
        params = {name: str(value) for name, value in filters.items()}
        answer = await self.http.get("/care/v1/messages", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def message_state(self, customer_id: UUID) -> tuple[str, str | None]:
        """State and reason of the customer's only message."""
        (message,) = await self.messages(customer_id=customer_id)
        return message["state"], message["reason"]

    async def offers(self, customer_id: UUID, key: str = "offer:1", **fields: Any) -> None:
        """Plans a message to a customer: an offer unless fields say otherwise."""
        values: dict[str, Any] = {
            "occasion": "offer",
            "template": "tier_rise",
            "variables": {"tier": "A"},
            "purpose": Purpose.PROMOTION,
            "expires_at": self.clock.now() + timedelta(days=30),
            **fields,
        }
        async with self.database.transaction() as transaction:
            message = Message(id=new_id(), customer_id=customer_id, occasion_key=key, **values)
            await plan_messages(self.context, transaction, [message])

    def letters(self) -> list[dict[str, Any]]:
        """What the file provider has written, in the order of planning."""
        return [json.loads(file.read_text()) for file in sorted(self.outbox.glob("*.json"))]

    def deliver_by(self, provider: Any) -> None:
        """Has every channel served by another provider."""
        channels: Any = dict.fromkeys(("email", "sms", "webhook"), provider)
        object.__setattr__(self.context, "providers", Providers(channels))


def staff(id_: UUID, role: str, **fields: Any) -> tuple[StaffListed, StaffContactListed]:
    """A colleague, and where they are reached."""
    values = {
        "staff_id": id_,
        "role": role,
        "name": "小王",
        "address": f"{role}@example.com",
        "language": "en",
        **fields,
    }
    listed = StaffListed.model_validate({**values, "address": None})
    return listed, StaffContactListed.model_validate(values)


def tier_change(customer_id: UUID, was: Tier, to: Tier, at: Any) -> TierChanged:
    return TierChanged(
        customer_id=customer_id, from_tier=was, to_tier=to, cause="purchase", total=ZERO, policy_version=1, at=at
    )


@asynccontextmanager
async def care_alone(
    fresh_database: FreshDatabase, outbox: Path, start: datetime = START, **settings: Any
) -> AsyncIterator[Care]:
    """Care alone with its people, on a Wednesday morning in Shanghai unless it starts at another moment."""
    chosen = SETTINGS.model_copy(update={"outbox_directory": outbox, **settings})
    async with one_service(fresh_database, "care", start, settings=chosen) as service:
        care = Care(service, outbox)
        await care.people()
        yield care


class Recording:
    """A provider that remembers what it was given, and fails as it is told."""

    name = "recording"

    def __init__(self, *faults: Exception) -> None:
        self.given: list[Outgoing] = []
        self._faults = list(faults)

    async def send(self, message: Outgoing) -> Receipt:
        self.given.append(message)
        if self._faults:
            raise self._faults.pop(0)
        return Receipt(self.name, message.key)
