"""Routes of subjects."""

from pydantic import BaseModel, ConfigDict

from services.complaints.context import InContext
from services.complaints.rulebook import handlers, queries
from shared.http.fields import Code, Line
from shared.http.routing import router

routes = router("/complaints/v1", "subjects")


class SubjectIn(BaseModel):
    """What a subject is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name_en: Line
    name_zh: Line
    active: bool = True


class SubjectOut(SubjectIn):
    code: str


class SubjectsOut(BaseModel):
    """Every subject; there are few, so this is one page."""

    items: list[SubjectOut]
    next: None = None


@routes.get("/subjects")
async def list_subjects(context: InContext) -> SubjectsOut:
    """What a case can be about."""
    return SubjectsOut(items=[SubjectOut(**dict(row)) for row in await queries.list_subjects(context)])


@routes.put("/subjects/{code}")
async def keep_subject(code: Code, body: SubjectIn, context: InContext) -> SubjectOut:
    """Adds or renames a subject, or takes it out of use; cases that have it keep it."""
    await handlers.keep_subject(context, code, body.name_en, body.name_zh, active=body.active)
    return SubjectOut(code=code, **body.model_dump())
