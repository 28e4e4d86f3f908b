"""The route of how completely archives are kept."""

from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.customers.completeness import queries
from services.customers.completeness.domain import KeptBy
from services.customers.context import Context
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router

routes = router("/customers/v1", "completeness")

Below = Annotated[int, Query(ge=1, le=100, description="a total below this counts as incomplete")]


class KeepingOut(BaseModel):
    """What somebody, or a department, keeps of archives. Figures are means, 0 to 100; null without an archive."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the staff member or the department")
    name: str = Field(description="what the directory calls them")
    department_id: UUID | None = Field(description="the department; null for who is in none")
    customers: int = Field(description="how many archives they keep")
    basic: Decimal | None = Field(description="the mean of the basic part")
    traits: Decimal | None = Field(description="the mean of the traits")
    relations: Decimal | None = Field(description="the mean of the relations")
    finance: Decimal | None = Field(description="the mean of the finance part")
    total: Decimal | None = Field(description="the mean of the totals")
    below: int = Field(description="how many archives are incomplete")


@routes.get("/completeness")
async def list_completeness(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    by: Annotated[KeptBy, Query(description="whose archives are put together")] = "person",
    below: Below = 60,
) -> Page[KeepingOut]:
    """How completely archives are kept, by person or by department: the caller's own and their people's.

    Everybody of a customer's team keeps the archive; before a first team is seated, who registered the customer does.
    """
    filters = {"by": by, "below": below}
    read = partial(queries.page, context, by, below, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, KeepingOut.model_validate)
