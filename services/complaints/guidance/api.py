"""Routes of guidance for talking to complainants."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.guidance import handlers, queries
from services.complaints.guidance.domain import DifficultKind, GuidanceIncomplete, TalkStep, WrongReaction
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line, Moment, Reason
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.languages import Language

routes = router("/complaints/v1", "guidance")

Title = Annotated[Line, Field(max_length=80, description="in a few words")]
Advice = Annotated[Reason, Field(description="what to do")]
Signs = Annotated[
    list[Annotated[Line, Field(max_length=40)]],
    Field(max_length=100, description="words by which a text shows it; none: a text cannot"),
]


class TalkStepIn(BaseModel):
    """A step of talking to a complainant."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[TalkStep, Field(description="which of the six")]
    title: Title
    text: Advice


class WrongReactionIn(BaseModel):
    """A wrong reaction, and by which words a text shows it."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[WrongReaction, Field(description="which of the eight")]
    title: Title
    text: Advice
    signs: Signs = []
    unless: Annotated[Signs, Field(description="words beside which it is none")] = []


class DifficultKindIn(BaseModel):
    """A difficult kind of complainant."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[DifficultKind, Field(description="which of the three")]
    title: Title
    text: Advice


class LanguageGuidanceIn(BaseModel):
    """Guidance in one language."""

    model_config = ConfigDict(extra="forbid")

    steps: Annotated[list[TalkStepIn], Field(description="the six steps of talking, in their order")]
    reactions: Annotated[list[WrongReactionIn], Field(description="the eight wrong reactions, in their order")]
    kinds: Annotated[list[DifficultKindIn], Field(description="the three difficult kinds of complainant")]


class GuidanceIn(LanguageGuidanceIn):
    """Other guidance in a language from now on."""

    language: Language
    starts_at: Annotated[Moment | None, Field(description="from when on it holds; now unless said")] = None


class GuidanceOut(BaseModel):
    """A version of the guidance for talking to complainants, in every language."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    starts_at: Annotated[Moment, Field(description="from when on it holds")]
    guidance: dict[Language, LanguageGuidanceIn] = Field(description="by language")


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


@routes.get("/guidance")
async def read_guidance(context: Injected[Context]) -> GuidanceOut:
    """What holds now: how to talk to complainants, what not to do, and what to do with the difficult ones."""
    return _out(await queries.present(context.database, context.clock.now()))


@routes.get("/guidance/versions")
async def list_guidance(context: Injected[Context], paging: Paging) -> Page[GuidanceOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "reply_guidance"), _out)


@routes.post("/guidance", status_code=201)
@raises(GuidanceIncomplete)
async def write_guidance(
    body: GuidanceIn, context: Injected[Context], caller: Caller, response: Response
) -> GuidanceOut:
    """A new version with other guidance in one language; the other language stays."""
    guidance = body.model_dump(include={"steps", "reactions", "kinds"})
    policy = await handlers.write(context, body.language, guidance, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/guidance/versions"
    return _out(policy)


def _out(policy: PolicyVersion) -> GuidanceOut:
    kept = {"id": policy.id, "version": policy.version, "starts_at": policy.starts_at}
    return GuidanceOut.model_validate({**kept, "guidance": policy.definition})
