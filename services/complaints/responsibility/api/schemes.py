"""Routes of departments' own schemes, and of the penalties that people enter by them."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.responsibility import queries
from services.complaints.responsibility.api.penalties import PenaltyDetailsOut, PenaltyId, details_of
from services.complaints.responsibility.domain.deciding import PenaltyNotFound, PenaltyNotOpen, SameDecider
from services.complaints.responsibility.domain.schemes import (
    MOST_VIOLATIONS,
    DepartmentScheme,
    NewScheme,
    NewViolation,
    PenaltyByRule,
    SchemeRefused,
    UnknownViolation,
    Violation,
    ViolationAhead,
)
from services.complaints.responsibility.domain.shares import OwnPenalty
from services.complaints.responsibility.handlers import schemes
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Line, Moment, Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney
from shared.references import UnknownDepartment, UnknownStaff

routes = router("/complaints/v1", "responsibility")


class ViolationIn(BaseModel):
    """Something that costs money in a department."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[Code, Field(description="a code, such as `late_report`")]
    name_en: Line
    name_zh: Line
    amount: Annotated[SomeMoney, Field(description="what it costs, CNY, 50.00 to 500.00")]


class ViolationOut(BaseModel):
    """Something that costs money in a department."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="the code, such as `late_report`")
    name_en: str
    name_zh: str
    amount: Money = Field(description="what it costs, CNY")


class DepartmentSchemeIn(BaseModel):
    """The whole scheme of a department from now on: what is left out costs nothing any longer."""

    model_config = ConfigDict(extra="forbid")

    department_id: UUID = Field(description="the department, into whose fund it is paid")
    violations: Annotated[
        list[ViolationIn], Field(max_length=MOST_VIOLATIONS, description="what costs money there; none ends the scheme")
    ]
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what happens; now unless said, never in the past")
    ] = None


class DepartmentSchemeOut(BaseModel):
    """A version of a department's own scheme."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the version (UUIDv7)")
    department_id: UUID = Field(description="the department, into whose fund it is paid")
    version: int = Field(description="counts the department's versions from 1")
    violations: list[ViolationOut] = Field(description="what costs money there")
    starts_at: datetime = Field(description="from when on it holds for what happens")

    @classmethod
    def of(cls, scheme: DepartmentScheme) -> "DepartmentSchemeOut":
        return cls.model_validate(scheme)


class SchemePenaltyIn(BaseModel):
    """That somebody did what the scheme of their department names."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID = Field(description="who did it")
    code: Annotated[Code, Field(description="what it was: a code of the department's scheme of that moment")]
    at: Annotated[Moment, Field(description="when it happened")]
    reason: Annotated[Reason, Field(description="what happened, 1 to 2,000 characters; kept sealed")]


class PenaltyWithdrawalIn(BaseModel):
    """What was wrong about a penalty."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why it was a mistake, 1 to 2,000 characters; kept sealed")]


@routes.post("/department-schemes", status_code=201)
@raises(SchemeRefused, UnknownDepartment)
async def write_department_scheme(
    body: DepartmentSchemeIn, context: Injected[Context], caller: Caller, response: Response
) -> DepartmentSchemeOut:
    """A new version of a department's own scheme, by its manager or administration. It holds for what happens after its
    start; what is paid by it goes into the department's fund."""
    violations = [Violation(**dict(each)) for each in body.violations]
    scheme = await schemes.write(context, NewScheme(body.department_id, violations, body.starts_at), caller)
    response.headers["Location"] = f"/complaints/v1/department-schemes?department_id={scheme.department_id}"
    return DepartmentSchemeOut.of(scheme)


@routes.get("/department-schemes")
async def list_department_schemes(
    context: Injected[Context],
    paging: Paging,
    department_id: Annotated[UUID | None, Query(description="only those of this department")] = None,
) -> Page[DepartmentSchemeOut]:
    """Every version of departments' own schemes, the latest written first."""
    read = partial(queries.list_schemes, context, department_id)
    return await paging.page(BY_ID, {"department_id": department_id}, read, DepartmentSchemeOut.of)


@routes.post("/penalties", status_code=201)
@raises(UnknownStaff, UnknownViolation, ViolationAhead)
async def enter_violation(
    body: SchemePenaltyIn, context: Injected[Context], caller: Caller, response: Response
) -> PenaltyDetailsOut:
    """Proposes a penalty by the scheme of the person's department: its manager or administration. It is decided,
    appealed and booked like any other, paid by the person alone and into the department's fund."""
    penalty = await schemes.propose(context, NewViolation(**dict(body)), caller)
    response.headers["Location"] = f"/complaints/v1/penalties/{penalty.id}"
    return details_of(await queries.as_proposed(context, penalty))


@routes.post("/penalties/{penalty_id}/withdrawal")
@raises(OwnPenalty, PenaltyByRule, PenaltyNotFound, PenaltyNotOpen, SameDecider)
async def withdraw_penalty(
    penalty_id: PenaltyId, body: PenaltyWithdrawalIn, context: Injected[Context], caller: Caller
) -> PenaltyDetailsOut:
    """Takes back a penalty that was entered by mistake: by a department's scheme, another violation, steps not
    followed. Whoever may decide it may, also when it was decided; while one by a scheme is proposed its department's
    manager too. What was booked is booked against."""
    await schemes.withdraw(context, penalty_id, body.reason, caller)
    return details_of(await queries.read_penalty(context, penalty_id, viewer=None))
