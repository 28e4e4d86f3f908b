"""Routes of subjects."""

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict

from services.complaints.context import Context
from services.complaints.rulebook import handlers, queries
from services.complaints.rulebook.domain.subjects import Subject
from shared.http.context import Injected
from shared.http.fields import Code, Line
from shared.http.paging import Page
from shared.http.routing import router

routes = router("/complaints/v1", "subjects")


class SubjectIn(BaseModel):
    """What a subject is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid")

    name_en: Line
    name_zh: Line
    active: bool = True


class SubjectOut(SubjectIn):
    code: str


@routes.get("/subjects")
async def list_subjects(context: Injected[Context]) -> Page[SubjectOut]:
    """What a case can be about; there are few subjects, so this is one page."""
    return Page(items=[SubjectOut(**asdict(subject)) for subject in await queries.list_subjects(context)])


@routes.put("/subjects/{code}")
async def keep_subject(code: Code, body: SubjectIn, context: Injected[Context]) -> SubjectOut:
    """Adds or renames a subject, or takes it out of use; cases that have it keep it."""
    subject = Subject(code=code, name_en=body.name_en, name_zh=body.name_zh, active=body.active)
    await handlers.keep_subject(context, subject)
    return SubjectOut(**asdict(subject))
