"""Routes of wages and of the share of them that may be kept: for administration alone."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.payroll.domain.payroll import (
    ColleagueNotFound,
    OwnWage,
    SharePolicy,
    Wage,
    WageShareOutOfBounds,
)
from services.complaints.payroll.handlers import wages
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Money, MoneyOrNothing
from shared.months import Month

routes = router("/complaints/v1", "payroll")

StaffId = Annotated[UUID, Path(description="whose wage it is")]
LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


class WageIn(BaseModel):
    """What somebody earns from a month on."""

    model_config = ConfigDict(extra="forbid")

    monthly: Annotated[
        MoneyOrNothing,
        Field(description="what they earn a month, CNY; 0.00 from when they earn nothing any longer; kept sealed"),
    ]
    from_month: Annotated[Month, Field(description="from which month on, YYYY-MM; the later entry for a month holds")]


class WageOut(BaseModel):
    """What somebody earns from a month on, as it was entered."""

    monthly: Money = Field(description="what they earn a month, CNY")
    from_month: Month = Field(description="from which month on, YYYY-MM")
    entered_by: UUID = Field(description="the staff member who entered it")
    entered_at: datetime = Field(description="when it was entered")

    @classmethod
    def of(cls, wage: Wage) -> "WageOut":
        return cls(
            monthly=wage.monthly,
            from_month=Month.at(wage.from_month),
            entered_by=wage.entered_by,
            entered_at=wage.entered_at,
        )


class WagesOut(BaseModel):
    """What was entered of somebody's wage."""

    staff_id: UUID = Field(description="whose wage it is")
    version: int = Field(description="counts what was entered, 0 before; what was read, for If-Match")
    wages: list[WageOut] = Field(description="in the order in which it was entered")

    @classmethod
    def of(cls, staff_id: UUID, entered: Sequence[Wage]) -> "WagesOut":
        version = entered[-1].version if entered else 0
        return cls(staff_id=staff_id, version=version, wages=[WageOut.of(each) for each in entered])


class PayrollPolicyIn(BaseModel):
    """How much of a month's wage may be kept from now on."""

    model_config = ConfigDict(extra="forbid")

    share: Annotated[MoneyOrNothing, Field(description="this share of a month's wage at most, 0.00 to 1.00")]
    starts_at: Annotated[
        Moment | None, Field(description="it holds for months that begin at this moment or later; now unless said")
    ] = None


class PayrollPolicyOut(BaseModel):
    """A version of how much of a month's wage may be kept."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int = Field(description="counts its versions from 1")
    share: Money = Field(description="this share of a month's wage at most")
    starts_at: datetime = Field(description="it holds for months that begin at this moment or later")

    @classmethod
    def of(cls, kept: PolicyVersion) -> "PayrollPolicyOut":
        share = SharePolicy.kept(kept.version, kept.definition, kept.starts_at).share
        return cls(id=kept.id, version=kept.version, share=share, starts_at=kept.starts_at)


@routes.put("/wages/{staff_id}")
@raises(ColleagueNotFound, OwnWage)
async def enter_wage(
    staff_id: StaffId,
    body: WageIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> WagesOut:
    """Enters what somebody else earns from a month on (with If-Match where something was entered before). It stands in
    the audit, and changes no payroll that was handed over."""
    entered = await wages.enter(
        context, staff_id, body.monthly, body.from_month, expected_version=expected_version, by=caller.id
    )
    set_etag(response, entered[-1].version)
    response.headers["Cache-Control"] = "no-store"
    return WagesOut.of(staff_id, entered)


@routes.get("/wages/{staff_id}")
@raises(ColleagueNotFound)
async def read_wages(staff_id: StaffId, context: Injected[Context], caller: Caller, response: Response) -> WagesOut:
    """What was entered of somebody's wage; who reads it stands in the audit."""
    found = WagesOut.of(staff_id, await wages.look_up(context, staff_id, by=caller.id))
    set_etag(response, found.version)
    response.headers["Cache-Control"] = "no-store"
    return found


@routes.post("/payroll-policies", status_code=201)
@raises(WageShareOutOfBounds)
async def write_payroll_policy(
    body: PayrollPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> PayrollPolicyOut:
    """A new version, for months that begin after its start; earlier months keep their share."""
    policy = await wages.write_policy(context, body.share, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/payroll-policies"
    return PayrollPolicyOut.of(policy)


@routes.get("/payroll-policies")
async def list_payroll_policies(context: Injected[Context], paging: Paging) -> Page[PayrollPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "payroll"), PayrollPolicyOut.of)
