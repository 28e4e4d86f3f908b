"""What tests of penalties say: propose, decide, appeal, and how the ledger stands."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from services.complaints.responsibility.domain.penalties import Proposal, Withdrawal
from services.complaints.responsibility.domain.policies import CaseRule
from services.complaints.responsibility.handlers import proposing
from shared.contracts.responsibility import PenaltyReason
from tests.complaints.building import SALESPERSON, Complaints, as_role

FIRST_ADMIN = UUID("01900000-0000-7000-8000-00000000c001")
SECOND_ADMIN = UUID("01900000-0000-7000-8000-00000000c002")
"""Two of administration whom the directory does not list: they pay nothing."""


def at(text: str) -> datetime:
    """A moment of the company's wall: `2026-11-03 10:00`."""
    return datetime.fromisoformat(f"{text}+08:00")


async def penalties(service: Complaints, **filters: Any) -> list[dict[str, Any]]:
    """What is listed to the administrator, the first proposed first."""
    answer = await service.get("/penalties", limit=500, **filters)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


async def a_case(service: Complaints, person: UUID = SALESPERSON) -> str:
    """A case against somebody."""
    recorded: dict[str, str] = await service.record(against={"type": "person", "id": str(person)})
    return recorded["id"]


async def propose(service: Complaints, case_id: str, *rules: CaseRule, round_: int = 1) -> None:
    context = service.service.context
    async with context.database.transaction() as transaction:
        for rule in rules:
            found = [Proposal(UUID(case_id), round_, rule, context.clock.now())]
            await proposing.propose(transaction, context, found)


async def withdraw(service: Complaints, case_id: str, rule: CaseRule, reason: PenaltyReason = "not_applicable") -> None:
    context = service.service.context
    async with context.database.transaction() as transaction:
        await proposing.withdraw(transaction, context, [Withdrawal(UUID(case_id), 1, rule, reason)])


async def a_penalty(service: Complaints, person: UUID = SALESPERSON, rule: CaseRule = "dissatisfied") -> str:
    """A penalty that is proposed against somebody, 100."""
    case_id = await a_case(service, person)
    await propose(service, case_id, rule)
    [found] = await penalties(service, complaint_id=case_id)
    return str(found["id"])


async def decide(
    service: Complaints, id_: str, amount: str | None = None, by: UUID = FIRST_ADMIN, role: str = "admin_dept"
) -> httpx.Response:
    """Decides an amount, or waives."""
    body = {"amount": amount, "reason": "核实属实"} if amount is not None else {"waive": True, "reason": "情有可原"}
    return await service.post(f"/penalties/{id_}/decision", body, **as_role(role, by))


async def appeal(service: Complaints, id_: str, by: UUID = SALESPERSON, role: str = "salesperson") -> httpx.Response:
    return await service.post(f"/penalties/{id_}/appeal", {"reason": "当时在路上"}, **as_role(role, by))


def said(answer: httpx.Response) -> tuple[int, str]:
    """The status with the slug of a refusal, or the state of the penalty."""
    content = answer.json()
    return answer.status_code, content.get("slug") or content["state"]


async def booked(service: Complaints, **filters: Any) -> list[tuple[str, str, str]]:
    """Who, how much, in which month: the ledger in the order of booking."""
    answer = await service.get("/bookings", limit=500, **filters)
    assert answer.status_code == 200, answer.text
    return [(each["person_id"], each["amount"], each["month"]) for each in reversed(answer.json()["items"])]


async def balance(service: Complaints) -> Mapping[str, Decimal]:
    """What each has paid, less what was taken back; those with nothing left out."""
    sums: dict[str, Decimal] = {}
    for person, amount, _ in await booked(service):
        sums[person] = sums.get(person, Decimal(0)) + Decimal(amount)
    return {person: amount for person, amount in sums.items() if amount}
