"""The route that lists who complains much."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.complainers import queries
from services.complaints.complainers.domain import LONGEST, USUAL_LEAST, USUAL_WINDOW, Complainer
from services.complaints.complainers.queries import Place
from services.complaints.context import Context
from shared.http.context import Injected
from shared.http.paging import Order, Page, Paging
from shared.http.routing import router

routes = router("/complaints/v1", "complainers")

MOST_FIRST: Order[Complainer, Place] = Order(
    lambda each: (each.cases, each.customer_id), lambda cases, id_: (cases, UUID(id_))
)


class ComplainerOut(BaseModel):
    """A customer who complains much."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    customer_name: str | None
    cases: int = Field(description="complaints in the window, without suggestions and enquiries")
    months: int = Field(description="in how many calendar months they came")
    parties: int = Field(description="about how many different subjects and parties")
    repeats: int = Field(description="how many of them are repeats (domain 3.4)")
    not_valid: int = Field(description="how many were judged not valid")
    malicious: int = Field(description="how many were judged malicious")
    recurring: bool = Field(description="whether they came in more than one month")
    last_at: datetime = Field(description="when the last one was recorded")


@routes.get("/complainers")
async def list_complainers(
    context: Injected[Context],
    paging: Paging,
    days: Annotated[int, Query(ge=1, le=LONGEST, description="of the last so many days")] = USUAL_WINDOW,
    at_least: Annotated[int, Query(ge=1, le=1_000, description="only who has so many complaints")] = USUAL_LEAST,
) -> Page[ComplainerOut]:
    """Customers who complain much or again and again, who has most complaints first."""
    read = partial(queries.list_complainers, context, days, at_least)
    return await paging.page(MOST_FIRST, {"days": days, "at_least": at_least}, read, ComplainerOut.model_validate)
