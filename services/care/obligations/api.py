"""Routes of the obligation matrix."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.care.context import Context
from services.care.obligations import handlers, queries
from services.care.obligations.domain import (
    LONGEST,
    MOST_PER_MONTH,
    Matrix,
    MatrixVersion,
    from_json,
    listed,
    matrix_of,
)
from shared.contracts.care import Contact
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.fields import IN_DIGITS, Moment, Whole
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/care/v1", "obligations")

Role = Literal[
    "beauty_mentor",
    "salesperson",
    "brand_manager",
    "sales_manager",
    "logistics_manager",
    "cs_manager",
    "cs_specialist",
    "general_manager",
    "admin_dept",
]
Months = Annotated[Decimal, Field(ge=0, le=LONGEST, multiple_of=Decimal("0.5"), examples=["1.5"]), IN_DIGITS]


class _StrictIn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class PerMonthIn(_StrictIn):
    """So many times in each calendar month: visits and stays one in each of as many equal parts, calls on any days."""

    kind: Literal["per_month"]
    times: Whole = Field(ge=1, le=MOST_PER_MONTH)


class EveryIn(_StrictIn):
    """Once in so many months: due within the longer, welcome from the shorter on (half of it when left out)."""

    kind: Literal["every"]
    within: Months
    welcome: Months | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "EveryIn":
        from_json(self.model_dump())
        return self


class OnDemandIn(_StrictIn):
    """Nothing is planned: somebody decides, or a sample is drawn."""

    kind: Literal["as_needed", "sampled"]


class ObligationIn(_StrictIn):
    """What one role owes customers of one tier."""

    tier: Tier
    role: Role
    contact: Contact
    interval: Annotated[PerMonthIn | EveryIn | OnDemandIn, Field(discriminator="kind")]


class MatrixIn(_StrictIn):
    """The whole matrix; what is not listed is not owed. It may be sent as it was read; the rest is not looked at."""

    version: Whole | None = None
    set_at: Moment | None = None
    set_by: UUID | None = None
    obligations: list[ObligationIn] = Field(max_length=200)

    @model_validator(mode="after")
    def _each_once(self) -> "MatrixIn":
        listed = [(each.tier, each.role, each.contact) for each in self.obligations]
        if len(set(listed)) < len(listed):
            raise ValueError("each tier, role and contact is listed once")
        return self

    def matrix(self) -> Matrix:
        return matrix_of(each.model_dump() for each in self.obligations)


class MatrixOut(BaseModel):
    """The matrix as it holds, in the form in which it is sent; `set_at` is null for the one the service came with."""

    version: int
    obligations: list[ObligationIn]
    set_at: datetime | None
    set_by: UUID | None

    @classmethod
    def of(cls, present: MatrixVersion) -> Self:
        return cls.model_validate(
            {
                "version": present.version,
                "obligations": listed(present.matrix),
                "set_at": present.set_at,
                "set_by": present.set_by,
            }
        )


@routes.get("/obligation-matrix")
async def read_obligation_matrix(context: Injected[Context], response: Response) -> MatrixOut:
    """Who owes whom which contact, how often (domain 4.1)."""
    present = await queries.present(context.database)
    set_etag(response, present.version)
    return MatrixOut.of(present)


@routes.put("/obligation-matrix")
async def set_obligation_matrix(
    body: MatrixIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> MatrixOut:
    """Makes a new version and plans every customer's open tasks by it."""
    following = await handlers.set_matrix(context, body.matrix(), expected_version=expected_version, by=caller.id)
    set_etag(response, following.version)
    return MatrixOut.of(following)
