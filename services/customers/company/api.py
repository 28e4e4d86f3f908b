"""Routes of the company profile."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.company import handlers, queries
from services.customers.company.domain import LanguageMissing, Profile, ProfileNotSet, Signatory
from services.customers.context import Context
from services.customers.organisation.domain import UnknownDepartment
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Address, Line
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.languages import Language

routes = router("/customers/v1", "company")

Said = Annotated[dict[Language, Line], Field(min_length=1, description="by language")]
Where = Annotated[dict[Language, Address], Field(min_length=1, description="by language")]


class SignatoryIn(BaseModel):
    """Who signs letters in the company's name."""

    model_config = ConfigDict(extra="forbid")

    names: Annotated[Said, Field(description="the name, by language")]
    titles: Annotated[Said, Field(description="the title or the department, by language")]
    department_id: Annotated[
        UUID | None, Field(description="signs where this department answers for the case; null: always")
    ] = None


class CompanyProfileIn(BaseModel):
    """What letters and pages say about the company, in each of its languages."""

    model_config = ConfigDict(extra="forbid")

    names: Annotated[Said, Field(description="the company's name, by language")]
    addresses: Annotated[Where, Field(description="where letters come from, by language")]
    line: Annotated[Line, Field(description="the complaint line, day and night, as it is written to complainants")]
    languages: Annotated[
        list[Language],
        Field(min_length=1, max_length=2, description="what the company writes in, the first by default"),
    ]
    signatories: Annotated[list[SignatoryIn], Field(min_length=1, max_length=20, description="who signs, in order")]


class SignatoryOut(BaseModel):
    """Who signs letters in the company's name."""

    model_config = ConfigDict(from_attributes=True)

    names: dict[Language, str] = Field(description="the name, by language")
    titles: dict[Language, str] = Field(description="the title or the department, by language")
    department_id: UUID | None = Field(description="signs where this department answers for the case; null: always")


class CompanyProfileOut(BaseModel):
    """What letters and pages say about the company."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    names: dict[Language, str] = Field(description="the company's name, by language")
    addresses: dict[Language, str] = Field(description="where letters come from, by language")
    line: str = Field(description="the complaint line, day and night, as it is written to complainants")
    languages: list[Language] = Field(description="what the company writes in, the first by default")
    signatories: list[SignatoryOut] = Field(description="who signs, in order")


@routes.get("/company-profile")
@raises(ProfileNotSet)
async def read_company_profile(context: Injected[Context], response: Response) -> CompanyProfileOut:
    """The profile as it is now."""
    return _out(await queries.read(context), response)


@routes.put("/company-profile")
@raises(LanguageMissing, UnknownDepartment)
async def set_company_profile(
    body: CompanyProfileIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> CompanyProfileOut:
    """Sets the profile whole; letters composed from then on say so."""
    signatories = [Signatory(each.names, each.titles, each.department_id) for each in body.signatories]
    asked = Profile(1, body.names, body.addresses, body.line, list(dict.fromkeys(body.languages)), signatories)
    return _out(await handlers.put(context, asked, expected_version, by=caller.id), response)


def _out(profile: Profile, response: Response) -> CompanyProfileOut:
    set_etag(response, profile.version)
    return CompanyProfileOut.model_validate(profile)
