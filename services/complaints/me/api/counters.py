"""The route of the counters."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.complaints.context import Context
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.http.context import Injected
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "counters")


class FiguresOut(BaseModel):
    """Open cases: all, and how many of them stand how."""

    model_config = ConfigDict(from_attributes=True)

    open: int
    overdue: int
    due_soon: int
    paused: int
    by_tier: dict[str, int]


class CompanyFiguresOut(FiguresOut):
    """The same of the whole company."""

    unassigned: int


class CountersOut(BaseModel):
    """How many cases wait for their answer."""

    at: datetime
    mine: FiguresOut
    every: CompanyFiguresOut | None


@routes.get("/counters")
async def read_counters(context: Injected[Context], caller: Caller) -> CountersOut:
    """How many cases wait: those that the caller handles, and all for who sees every customer. Kept in memory from what
    happens to cases, up to half a second old; overdue and due soon are those of this moment."""
    now = context.clock.now()
    cases = await context.counters.cases(now)
    every = None
    if caller.has(*SEE_EVERY_CUSTOMER):
        of_company = FiguresOut.model_validate(cases.figures(now))
        every = CompanyFiguresOut(**of_company.model_dump(), unassigned=cases.unassigned)
    return CountersOut(at=now, mine=FiguresOut.model_validate(cases.figures_of(caller.id, now)), every=every)
