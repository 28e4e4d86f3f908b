"""Routes of what replies are made of."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from services.complaints.reply_templates import handlers
from services.complaints.reply_templates.domain import (
    PARTS,
    VARIABLES,
    LetterChannel,
    ReplyTemplate,
    TemplateHole,
    UnknownVariable,
)
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment, Prose
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.languages import Language

routes = router("/complaints/v1", "reply-templates")

_NAMED = "; ".join(f"{{{name}}}: {what}" for name, what in VARIABLES.items())
Wording = Annotated[Prose, Field(max_length=2_000)]
Wordings = Annotated[
    list[Wording],
    Field(min_length=1, max_length=5, description="the best first; the last needs nothing that may be unknown"),
]


class PartsIn(BaseModel):
    """The five parts of a reply, each with its wordings."""

    model_config = ConfigDict(extra="forbid")

    apology: Annotated[Wordings, Field(description="owns the mistake and apologises")]
    solution: Annotated[Wordings, Field(description="says how it will be solved")]
    respect: Annotated[Wordings, Field(description="respects the complaint")]
    good: Annotated[Wordings, Field(description="recalls something good")]
    thanks: Annotated[Wordings, Field(description="thanks")]


class ReplyTemplateIn(BaseModel):
    """How replies by a channel in a language are worded from now on."""

    model_config = ConfigDict(extra="forbid")

    channel: LetterChannel
    language: Language
    subject: Annotated[Prose, Field(max_length=200, description="of an e-mail or letter. Variables: " + _NAMED)]
    greeting: Wordings
    parts: Annotated[PartsIn, Field(description="the five parts, each with its wordings")]
    closing: Wordings
    starts_at: Annotated[Moment | None, Field(description="from when on it holds; now unless said")] = None

    def template(self) -> ReplyTemplate:
        return ReplyTemplate(self.subject, self.greeting, self.parts.model_dump(), self.closing)


class PartsOut(BaseModel):
    """The five parts of a reply, in their order, each with its wordings."""

    apology: list[str] = Field(description="owns the mistake and apologises")
    solution: list[str] = Field(description="says how it will be solved")
    respect: list[str] = Field(description="respects the complaint")
    good: list[str] = Field(description="recalls something good")
    thanks: list[str] = Field(description="thanks")


class ReplyTemplateOut(BaseModel):
    """How replies by a channel in a language are worded."""

    channel: LetterChannel
    language: Language
    subject: str = Field(description="of an e-mail or letter")
    greeting: list[str] = Field(description="the best wording first")
    parts: PartsOut = Field(description="the five parts, each with its wordings")
    closing: list[str] = Field(description="the best wording first")


class ReplyTemplatesOut(BaseModel):
    """A version of the wordings of all channels and languages."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    starts_at: Annotated[Moment, Field(description="from when on it holds for drafts")]
    variables: dict[str, str] = Field(description="what wordings may name, and what each is")
    templates: list[ReplyTemplateOut] = Field(description="of each channel and language")


LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


@routes.post("/reply-templates", status_code=201)
@raises(TemplateHole, UnknownVariable)
async def write_reply_template(
    body: ReplyTemplateIn, context: Injected[Context], caller: Caller, response: Response
) -> ReplyTemplatesOut:
    """A new version with other wordings for one channel and language; drafts made before stay as they are."""
    template = body.template()
    policy = await handlers.write(context, body.channel, body.language, template, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/reply-templates"
    return _out(policy)


@routes.get("/reply-templates")
async def list_reply_templates(context: Injected[Context], paging: Paging) -> Page[ReplyTemplatesOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "reply_templates"), _out)


def _out(policy: PolicyVersion) -> ReplyTemplatesOut:
    templates = [
        ReplyTemplateOut.model_validate(
            {
                **wordings,
                "channel": channel,
                "language": language,
                "parts": {part: wordings["parts"][part] for part in PARTS},
            }
        )
        for channel, languages in policy.definition.items()
        for language, wordings in languages.items()
    ]
    return ReplyTemplatesOut(
        id=policy.id, version=policy.version, starts_at=policy.starts_at, variables=dict(VARIABLES), templates=templates
    )
