"""Routes of the plan of a key account, and of its risks."""

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.key_accounts.api.accounts import Grade
from services.customers.key_accounts.domain.accounts import NoKeyAccount
from services.customers.key_accounts.domain.plans import (
    AccountRisk,
    AccountRiskNotFound,
    PastAccountRisk,
    PastPlanItem,
    PlanItem,
    PlanItemNotFound,
    PlanItemRefused,
    PlanPart,
    PlanState,
    RiskKind,
)
from services.customers.key_accounts.handlers import plans as handlers
from services.customers.key_accounts.queries import plans as queries
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Reason, YesOrNo
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import SomeMoney
from shared.references import CustomerNotFound, UnknownStaff

routes = router("/customers/v1", "key accounts")

PlanItemId = Annotated[UUID, Path(description="the id of what stands in a plan")]
AccountRiskId = Annotated[UUID, Path(description="the id of the risk")]
_BY_VERSION: Order[PastPlanItem | PastAccountRisk, int] = Order(lambda each: (each.version,), int)


class PlanItemIn(BaseModel):
    """A goal, a measure, or what we do as the marketing adviser of a key account."""

    model_config = ConfigDict(extra="forbid")

    kind: PlanPart = Field(description="what it is")
    text: Reason = Field(description="what is to be reached or done, 1 to 2,000 characters; kept sealed")
    amount: SomeMoney | None = Field(default=None, description="of a goal that is one: how much, CNY")
    due_on: Day | None = Field(default=None, description="by when; of a goal or a measure it must be said")
    assignee_id: UUID | None = Field(
        default=None, description="whose it is; a measure is whose the account is unless said"
    )


class PlanItemPatch(Patch):
    """The fields to change."""

    text: Reason = Field(default="", description="what is to be reached or done; kept sealed")
    amount: SomeMoney | None = Field(default=None, description="of a goal: how much, CNY")
    due_on: Day | None = Field(default=None, description="by when")
    assignee_id: UUID | None = Field(default=None, description="whose it is")
    state: PlanState = Field(default="open", description="how it stands")


class PlanItemOut(BaseModel):
    """What stands in the plan of a key account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="its id (UUIDv7)")
    version: int
    customer_id: UUID
    kind: PlanPart = Field(description="what it is")
    text: str | None = Field(description="what is to be reached or done; null once the person is erased")
    amount: SomeMoney | None = Field(description="of a goal that is one: how much, CNY; else null")
    due_on: date | None = Field(description="by when; null: no day was said")
    assignee_id: UUID | None = Field(description="whose it is; null: nobody's")
    state: PlanState = Field(description="how it stands")
    closed_at: datetime | None = Field(description="when it was done or dropped; null while it is open")
    entered_at: datetime = Field(description="when it was entered")
    entered_by: UUID = Field(description="who entered it")


class PastPlanItemOut(BaseModel):
    """How something in a plan stood from a moment on."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    amount: SomeMoney | None = Field(description="of a goal that is one: how much, CNY; else null")
    due_on: date | None = Field(description="by when; null: no day was said")
    assignee_id: UUID | None = Field(description="whose it was; null: nobody's")
    state: PlanState = Field(description="how it stood")
    at: datetime = Field(description="from when on")
    changed_by: UUID = Field(description="who brought it there")


class AccountRiskIn(BaseModel):
    """A risk of a key account."""

    model_config = ConfigDict(extra="forbid")

    kind: RiskKind = Field(description="of what it is one")
    likelihood: Grade = Field(description="how likely, 1 to 5")
    impact: Grade = Field(description="how bad, 1 to 5")
    seen: Reason = Field(description="what tells of it, 1 to 2,000 characters; kept sealed")
    done: Reason | None = Field(default=None, description="what is done about it; kept sealed")


class AccountRiskPatch(Patch):
    """The fields to change."""

    likelihood: Grade = Field(default=1, description="how likely, 1 to 5")
    impact: Grade = Field(default=1, description="how bad, 1 to 5")
    seen: Reason = Field(default="", description="what tells of it; kept sealed")
    done: Reason | None = Field(default=None, description="what is done about it; kept sealed")
    open: YesOrNo = Field(default=True, description="false closes it, true opens it again")


class AccountRiskOut(BaseModel):
    """A risk of a key account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="its id (UUIDv7)")
    version: int
    customer_id: UUID
    kind: RiskKind = Field(description="of what it is one")
    likelihood: int = Field(description="how likely, 1 to 5")
    impact: int = Field(description="how bad, 1 to 5")
    weight: int = Field(description="how likely times how bad, 1 to 25")
    seen: str | None = Field(description="what tells of it; null once the person is erased")
    done: str | None = Field(description="what is done about it; null: nothing yet, or the person is erased")
    open: bool = Field(description="whether it stands")
    closed_at: datetime | None = Field(description="when it was closed; null while it is open")
    entered_at: datetime = Field(description="when it was entered")
    entered_by: UUID = Field(description="who entered it")


class PastAccountRiskOut(BaseModel):
    """How a risk stood from a moment on."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    likelihood: int = Field(description="how likely, 1 to 5")
    impact: int = Field(description="how bad, 1 to 5")
    closed_at: datetime | None = Field(description="when it was closed; null while it was open")
    at: datetime = Field(description="from when on")
    changed_by: UUID = Field(description="who brought it there")


@routes.post("/customers/{customer_id}/key-account/plan", status_code=201)
@raises(CustomerNotFound, Erased, NoKeyAccount, PlanItemRefused, UnknownStaff)
async def add_plan_item(
    customer_id: UUID, body: PlanItemIn, context: Injected[Context], caller: Caller, response: Response
) -> PlanItemOut:
    """Adds to the plan of a key account."""
    added = await handlers.add_item(context, customer_id, body.model_dump(), by=caller.id, viewer=viewer(caller))
    return _item(added, response)


@routes.get("/customers/{customer_id}/key-account/plan")
@raises(CustomerNotFound)
async def list_plan_items(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    state: Annotated[PlanState | None, Query(description="only what stands so")] = None,
) -> Page[PlanItemOut]:
    """The plan of a customer, the latest first; of one that is no key account any more it stays."""
    read = partial(queries.items, context, customer_id, state, viewer=viewer(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id, "state": state}, read, PlanItemOut.model_validate)


@routes.patch("/account-plan-items/{item_id}")
@raises(CustomerNotFound, Erased, PlanItemNotFound, PlanItemRefused, UnknownStaff)
async def change_plan_item(
    item_id: PlanItemId,
    body: PlanItemPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> PlanItemOut:
    """Changes what stands in a plan, also that it is done, or dropped."""
    changed = await handlers.change_item(
        context, item_id, body.changes(), expected_version, by=caller.id, viewer=viewer(caller)
    )
    return _item(changed, response)


@routes.get("/account-plan-items/{item_id}/history")
@raises(PlanItemNotFound)
async def list_plan_item_history(
    item_id: PlanItemId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[PastPlanItemOut]:
    """How something in a plan stood, the latest first."""
    read = partial(queries.past_items, context, item_id, viewer=viewer(caller))
    return await paging.page(_BY_VERSION, {"id": item_id}, read, PastPlanItemOut.model_validate)


@routes.post("/customers/{customer_id}/key-account/risks", status_code=201)
@raises(CustomerNotFound, Erased, NoKeyAccount)
async def add_account_risk(
    customer_id: UUID, body: AccountRiskIn, context: Injected[Context], caller: Caller, response: Response
) -> AccountRiskOut:
    """Adds a risk of a key account."""
    added = await handlers.add_risk(context, customer_id, body.model_dump(), by=caller.id, viewer=viewer(caller))
    return _risk(added, response)


@routes.get("/customers/{customer_id}/key-account/risks")
@raises(CustomerNotFound)
async def list_account_risks(
    customer_id: UUID,
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    open: Annotated[bool | None, Query(description="only those that stand, or only those that are closed")] = None,
) -> Page[AccountRiskOut]:
    """The risks of a customer, the latest first; of one that is no key account any more they stay."""
    read = partial(queries.risks, context, customer_id, open, viewer=viewer(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id, "open": open}, read, AccountRiskOut.model_validate)


@routes.patch("/account-risks/{risk_id}")
@raises(AccountRiskNotFound, CustomerNotFound, Erased)
async def change_account_risk(
    risk_id: AccountRiskId,
    body: AccountRiskPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> AccountRiskOut:
    """Judges a risk anew, says what is done about it, closes it or opens it again."""
    changed = await handlers.change_risk(
        context, risk_id, body.changes(), expected_version, by=caller.id, viewer=viewer(caller)
    )
    return _risk(changed, response)


@routes.get("/account-risks/{risk_id}/history")
@raises(AccountRiskNotFound)
async def list_account_risk_history(
    risk_id: AccountRiskId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[PastAccountRiskOut]:
    """How a risk stood, the latest first."""
    read = partial(queries.past_risks, context, risk_id, viewer=viewer(caller))
    return await paging.page(_BY_VERSION, {"id": risk_id}, read, PastAccountRiskOut.model_validate)


def _item(found: PlanItem, response: Response) -> PlanItemOut:
    set_etag(response, found.version)
    return PlanItemOut.model_validate(found)


def _risk(found: AccountRisk, response: Response) -> AccountRiskOut:
    set_etag(response, found.version)
    return AccountRiskOut.model_validate(found)
