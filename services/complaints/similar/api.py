"""The route that suggests cases with alike words."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import CaseState, ComplaintNotFound
from services.complaints.context import Context
from services.complaints.similar import queries
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.routing import router

routes = router("/complaints/v1", "links")

Likeness = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class SimilarCaseOut(BaseModel):
    """A case whose words are alike."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: str
    state: CaseState
    subject: str
    customer_id: UUID | None
    customer_name: str | None
    complainant_name: str | None
    recorded_at: datetime
    likeness: Likeness = Field(description="how much of their words the two have in common, 0.2 to 1")


@routes.get("/complaints/{id}/similar")
@raises(ComplaintNotFound)
async def list_similar(id: CaseId, context: Injected[Context]) -> Page[SimilarCaseOut]:
    """Up to ten cases whose words are most alike, to be linked by whoever has looked at them. It may lag by moments."""
    found = await queries.list_similar(context, id)
    return Page(items=[SimilarCaseOut.model_validate(each) for each in found])
