"""Routes of subjects."""

from dataclasses import asdict

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.rulebook import handlers, queries
from services.complaints.rulebook.domain.subjects import Subject
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.fields import Code, Line, YesOrNo
from shared.http.paging import Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import router

routes = router("/complaints/v1", "subjects")


class SubjectIn(BaseModel):
    """What a subject is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid")

    name_en: Line
    name_zh: Line
    active: YesOrNo = True


class SubjectOut(SubjectIn):
    """A subject, as it is kept."""

    model_config = ANSWERED
    code: str
    version: int = Field(
        description="stands for what it says now, for If-Match: no count, and another one after each change"
    )


@routes.get("/subjects")
async def list_subjects(context: Injected[Context]) -> Page[SubjectOut]:
    """What a case can be about; there are few subjects, so this is one page."""
    return Page(items=[_out(subject) for subject in await queries.list_subjects(context)])


@routes.put("/subjects/{code}")
async def keep_subject(
    code: Code, body: SubjectIn, context: Injected[Context], response: Response, expected_version: IfMatch
) -> SubjectOut:
    """Adds a subject, or (with If-Match) renames one or takes it out of use; cases that have it keep it."""
    subject = Subject(code=code, name_en=body.name_en, name_zh=body.name_zh, active=body.active)
    await handlers.keep_subject(context, subject, expected_version=expected_version)
    set_etag(response, subject.version)
    return _out(subject)


def _out(subject: Subject) -> SubjectOut:
    return SubjectOut(**asdict(subject), version=subject.version)
