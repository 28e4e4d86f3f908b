"""What tests of reports speak with: facts of the other services, and a report read over HTTP."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from shared.contracts import complaints, customers
from shared.contracts.base import Fact
from shared.ids import new_id
from tests.support import START

HALF_AN_HOUR = timedelta(minutes=30)
FOUR_HOURS = timedelta(hours=4)


def registered(customer_id: UUID, **said: Any) -> customers.CustomerRegistered:
    about = {"customer_id": customer_id, "kind": "store", "registered_at": START}
    return customers.CustomerRegistered.model_validate({**about, **said})


def bought(customer_id: UUID, amount: str, **said: Any) -> customers.PurchaseRecorded:
    about = {"customer_id": customer_id, "purchase_id": new_id(), "amount": amount, "occurred_at": START}
    return customers.PurchaseRecorded.model_validate({**about, **said})


def rose(customer_id: UUID) -> customers.TierChanged:
    return customers.TierChanged(
        customer_id=customer_id,
        from_tier="C",
        to_tier="A",
        cause="purchase",
        total=Decimal("12000.00"),
        policy_version=1,
        at=START,
    )


class Case:
    """The facts of one complaint; its clock runs four hours from START."""

    def __init__(self, customer_id: UUID | None = None) -> None:
        self.about = {"complaint_id": new_id(), "customer_id": customer_id, "at": START}

    def opened(self, **said: Any) -> Fact:
        of_case = {"number": "C-1", "kind": "complaint", "subject": "product", "channel": "line"}
        return complaints.ComplaintOpened.model_validate(
            {**self.about, **of_case, "answer_due_at": START + FOUR_HOURS, **said}
        )

    def overdue(self) -> Fact:
        due = START + FOUR_HOURS
        return complaints.ComplaintOverdue.model_validate({**self.about, "at": due, "number": "C-1", "due_at": due})

    def answered(self, after: timedelta, **said: Any) -> Fact:
        about = {**self.about, "at": START + after, "in_time": after <= FOUR_HOURS}
        return complaints.ComplaintAnswered.model_validate({**about, **said})

    def accepted(self, after: timedelta) -> Fact:
        about = {**self.about, "at": START + after, "in_time": after < HALF_AN_HOUR}
        return complaints.ComplaintAccepted.model_validate({**about, "staff_id": new_id()})

    def not_accepted(self) -> Fact:
        due = START + HALF_AN_HOUR
        about = {**self.about, "at": due, "number": "C-1", "clock": "accept", "due_at": due}
        return complaints.ComplaintClockMissed.model_validate(about)

    def step_done(self, step: str, owner_id: UUID) -> Fact:
        return complaints.ComplaintStepDone.model_validate({**self.about, "step": step, "owner_id": owner_id})

    def reopened(self, after: timedelta) -> Fact:
        began = START + after
        about = {**self.about, "round": 2, "at": began, "answer_due_at": began + FOUR_HOURS}
        return complaints.ComplaintReopened.model_validate(about)


async def read(http: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await http.get(f"/reporting/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()
