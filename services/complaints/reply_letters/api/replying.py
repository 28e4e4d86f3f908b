"""Routes of the reply in the company's name: drafted by the service, edited and sent by a person."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, MovementIn, said, standing
from services.complaints.cases.domain import ComplaintNotFound, OwnCase, TextMissing, TimeNotAllowed, WrongState
from services.complaints.context import Context
from services.complaints.guidance.domain import WrongReaction
from services.complaints.guidance.queries import hints_for
from services.complaints.reply_letters.handlers import replying
from services.complaints.reply_letters.handlers.replying import Reply
from services.complaints.reply_letters.queries import drafting
from services.complaints.reply_templates.domain import LetterChannel, LetterPart, TemplateHole
from services.complaints.solutions.domain import SolutionNotApproved
from services.complaints.steps.domain import OwnerNotAllowed, StepDone, StepSkipped
from shared.auth.visibility import viewer
from shared.http.answers import json_answer
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Line, Prose
from shared.http.preconditions import etag
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.letter_fonts import unprintable
from shared.references import UnknownStaff

routes = router("/complaints/v1", "replies")

DraftVersion = Annotated[int, Field(ge=1), NO_TEXT]


class HintOut(BaseModel):
    """What of a text looks like one of the eight wrong reactions; it refuses nothing."""

    model_config = ConfigDict(from_attributes=True)

    reaction: WrongReaction = Field(description="which of the eight")
    title: str = Field(description="in a few words, in the language of the text")
    advice: str = Field(description="what to do instead")
    words: list[str] = Field(description="the words by which it looks like that")


Unprintable = Annotated[
    list[str],
    Field(description="characters that no font of letters has: on paper a box stands for each; write them otherwise"),
]


class PartOut(BaseModel):
    """One of the five parts."""

    part: LetterPart = Field(description="which of the five")
    text: str = Field(description="what the part says")


class DraftOut(BaseModel):
    """A reply as it was composed: to be edited, and sent by POST to the case's `reply`."""

    channel: LetterChannel
    language: Language
    template_version: int = Field(description="the version of the templates that it was composed from")
    subject: str = Field(description="of an e-mail or letter")
    greeting: str = Field(description="how it begins")
    parts: list[PartOut] = Field(description="the five parts in their order")
    closing: str = Field(description="how it ends: who signs")
    text: str = Field(description="the whole of it, as it would be sent")
    missing: list[str] = Field(description="what is unknown and stands open in it, as {variable}: fill it in first")
    hints: list[HintOut] = Field(description="where it looks like a wrong reaction")
    other_language: list[str] = Field(
        description="what in it was written in another language (`solution`, `compensation`): say it in this one first"
    )
    unprintable: Unprintable


class ReplyIn(MovementIn):
    """The reply as it is to be sent."""

    channel: Annotated[
        LetterChannel | None, Field(description="by which it goes; whichever reaches the complainant unless said")
    ] = None
    language: Language = "zh-CN"
    subject: Annotated[Line | None, Field(description="of an e-mail or letter; the usual one unless said")] = None
    template_version: Annotated[DraftVersion | None, Field(description="as the draft said it")] = None
    owner_id: Annotated[UUID | None, Field(description="whose step it was; unless said: who sends it")] = None


class CheckIn(BaseModel):
    """A reply as it stands in the editor."""

    model_config = ConfigDict(extra="forbid")

    text: Prose = Field(description="what it says so far")
    language: Language = "zh-CN"


class CheckOut(BaseModel):
    """What to look at before the reply goes."""

    missing: list[str] = Field(description="the {variables} and other braces that stand in it: with one it is not sent")
    hints: list[HintOut] = Field(description="where it looks like a wrong reaction")
    in_other_language: bool = Field(description="whether it seems to be written in another language than it says")
    unprintable: Unprintable


class RepliedOut(CaseOut):
    """Where the case stands, the letter that goes, and what of it looks like a wrong reaction."""

    reply_id: UUID | None = Field(description="the letter; null where a past reply of a takeover was entered")
    hints: list[HintOut] = Field(description="where it looks like a wrong reaction")
    unprintable: Unprintable


@routes.get("/complaints/{id}/reply/draft")
@raises(ComplaintNotFound, TemplateHole)
async def draft_reply(
    id: CaseId,
    context: Injected[Context],
    caller: Caller,
    channel: Annotated[LetterChannel | None, Query(description="the complainant's unless said")] = None,
    language: Annotated[Language | None, Query(description="the complainant's unless said")] = None,
) -> DraftOut:
    """A reply composed of the case and the archive, in five parts; nothing is stored or sent by it."""
    draft = await drafting.draft(context, id, channel, language, viewer=viewer(caller))
    letter = draft.letter
    return DraftOut(
        channel=draft.channel,
        language=draft.language,
        template_version=draft.template_version,
        subject=letter.subject,
        greeting=letter.greeting,
        parts=[PartOut(part=part, text=text) for part, text in letter.parts],
        closing=letter.closing,
        text=letter.text,
        missing=list(letter.missing),
        hints=[HintOut.model_validate(each) for each in draft.hints],
        other_language=draft.other_language,
        unprintable=await unprintable(letter.text),
    )


@routes.post("/complaints/{id}/reply/check")
@raises(ComplaintNotFound)
async def check_reply(id: CaseId, body: CheckIn, context: Injected[Context], caller: Caller) -> CheckOut:
    """Looks at an edited reply before it goes; nothing is stored, sent or refused by it."""
    found = await drafting.check(context, id, body.text, body.language, viewer=viewer(caller))
    return CheckOut(
        missing=found.missing,
        hints=[HintOut.model_validate(each) for each in found.hints],
        in_other_language=found.in_other_language,
        unprintable=await unprintable(body.text),
    )


@routes.post("/complaints/{id}/reply", response_model=RepliedOut)
@raises(
    ComplaintNotFound,
    OwnCase,
    OwnerNotAllowed,
    SolutionNotApproved,
    StepDone,
    StepSkipped,
    TemplateHole,
    TextMissing,
    TimeNotAllowed,
    UnknownStaff,
    WrongState,
)
@compiled
async def reply_complaint(id: CaseId, body: ReplyIn, context: Injected[Context], caller: Caller) -> Response:
    """Sends the reply in the company's name and does the step `reply` by it; nothing is sent with a hole in it. It is
    no answer: the clock of an open case runs on until `answer` or `resolve` (decision 16)."""
    asked = Reply(said(body, caller), body.subject, body.channel, body.language, body.template_version, body.owner_id)
    case, reply_id = await replying.reply(context, id, asked, caller)
    now = context.clock.now()
    hints = await hints_for(context.database, body.text or "", body.language, now)
    answer = {
        **standing(case, now),
        "reply_id": reply_id,
        "hints": [HintOut.model_validate(each).model_dump() for each in hints],
        "unprintable": await unprintable(body.text or ""),
    }
    return json_answer(answer, headers={"ETag": etag(case.version)})
