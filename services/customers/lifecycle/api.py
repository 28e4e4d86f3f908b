"""The route of a customer's life cycle."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.customers.context import Context
from services.customers.lifecycle import queries
from services.customers.lifecycle.domain import Aim, Life, OpenComplaints
from services.customers.worth_policies.domain import WorthPolicy
from shared.auth.visibility import viewer
from shared.contracts.worth import Stage
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1", "lifecycle")


class StageChangeOut(BaseModel):
    """That a customer came into a stage."""

    model_config = ConfigDict(from_attributes=True)

    stage: Stage = Field(description="the stage")
    on: date = Field(description="the day on which it came into it, in the company's zone")


class LifeOut(BaseModel):
    """How far a customer has come."""

    model_config = ConfigDict(from_attributes=True)

    stage: Stage = Field(description="the stage in which it is today")
    aim: Aim = Field(description="what is to be reached in this stage")
    since: date | None = Field(description="since when; null for who never bought")
    interval_days: Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")] | None = Field(
        description="its own rhythm: the median of the days between purchases; null before the second"
    )
    lost_on: date | None = Field(description="from when on it is lost unless it buys; null for who is, or never bought")
    observed_until: date | None = Field(description="until when who has come back is observed; else null")
    changes: list[StageChangeOut] = Field(description="how it came there, the earliest first")
    policy_version: int = Field(description="which version of the policy of worth judged: the one that holds today")
    policy_id: UUID = Field(description="the id of that version")
    open_complaints: int = Field(
        description="so many complaints are not solved, without those that were judged not valid or malicious; they "
        "stand beside the stage and move it nowhere"
    )
    overdue_complaints: int = Field(description="of how many of them the answer is late")
    complaints_since: datetime | None = Field(description="since when the first of them is; null without any")

    @classmethod
    def of(cls, found: Life, policy: WorthPolicy, complaints: OpenComplaints) -> Self:
        by = {
            "policy_version": policy.version,
            "policy_id": policy.id,
            "open_complaints": complaints.number,
            "overdue_complaints": complaints.overdue,
            "complaints_since": complaints.since,
        }
        same = {name: getattr(found, name) for name in cls.model_fields if name not in by}
        return cls.model_validate({**same, **by}, from_attributes=True)


@routes.get("/customers/{customer_id}/lifecycle")
@raises(CustomerNotFound)
async def read_lifecycle(customer_id: UUID, context: Injected[Context], caller: Caller) -> LifeOut:
    """How far a customer has come, as of today: it follows from what it bought and when. What it complains of stands
    beside it."""
    life, policy = await queries.of_customer(context, customer_id, viewer=viewer(caller))
    return LifeOut.of(life, policy, await queries.open_complaints(context, customer_id))
