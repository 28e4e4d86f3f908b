"""The routes of the table that says what is done after a contract has ended."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.care.aftercare import handlers, queries
from services.care.aftercare.domain import MOST_ERRANDS, AftercarePolicy, Errand
from services.care.context import Context
from services.care.obligations.api import Role
from shared.contracts.care import Contact
from shared.http.context import Injected
from shared.http.fields import NO_TEXT, Code, Line
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.languages import Language

routes = router("/care/v1", "aftercare")

Names = Annotated[dict[Language, Line], Field(min_length=2, description="what it is called, in Chinese and English")]


class ErrandIn(BaseModel):
    """Something that is done after a contract has ended."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[Code, Field(description="a code of the company's own, such as `display`")]
    names: Names
    role: Annotated[Role, Field(description="who of the account team does it")]
    contact: Annotated[Contact, Field(description="how")]
    after_days: Annotated[int, Field(ge=0, le=365, description="so many days after the end it may be done"), NO_TEXT]
    within_days: Annotated[int, Field(ge=1, le=365, description="so many days it may take then"), NO_TEXT]


class AftercarePolicyIn(BaseModel):
    """What is done after a contract has ended; without any errand nothing is."""

    model_config = ConfigDict(extra="forbid")

    errands: list[ErrandIn] = Field(max_length=MOST_ERRANDS, description="what is done, each code once")

    @field_validator("errands")
    @classmethod
    def _each_once(cls, errands: list[ErrandIn]) -> list[ErrandIn]:
        if len({each.code for each in errands}) < len(errands):
            raise ValueError("each code stands once")
        return errands


class ErrandOut(BaseModel):
    """Something that is done after a contract has ended."""

    code: str = Field(description="its code: the `errand` of a task")
    names: dict[Language, str] = Field(description="what it is called, by language")
    role: str = Field(description="who of the account team does it")
    contact: Contact = Field(description="how")
    after_days: int = Field(description="so many days after the end it may be done")
    within_days: int = Field(description="so many days it may take then")


class AftercarePolicyOut(BaseModel):
    """What is done after a contract has ended."""

    version: int
    errands: list[ErrandOut] = Field(description="what is done")
    set_at: datetime | None
    set_by: UUID | None

    @classmethod
    def of(cls, policy: AftercarePolicy) -> Self:
        return cls.model_validate(asdict(policy))


@routes.get("/aftercare-policy")
async def read_aftercare_policy(context: Injected[Context], response: Response) -> AftercarePolicyOut:
    """What is done after a contract has ended, by whom, and until when (domain 2.2)."""
    present = await queries.present(context.database)
    set_etag(response, present.version)
    return AftercarePolicyOut.of(present)


@routes.put("/aftercare-policy")
async def set_aftercare_policy(
    body: AftercarePolicyIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> AftercarePolicyOut:
    """Makes a new version: endings that come to their aftercare from now on go by it."""
    errands = [Errand(**each.model_dump()) for each in body.errands]
    following = await handlers.set_policy(context, errands, expected_version=expected_version, by=caller.id)
    set_etag(response, following.version)
    return AftercarePolicyOut.of(following)
