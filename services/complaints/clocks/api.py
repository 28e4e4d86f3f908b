"""The route that reads the clocks of a case."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.clocks import queries
from services.complaints.context import Context
from services.complaints.rulebook.api.policies import LevelsOut
from shared.auth.visibility import viewer
from shared.contracts.complaints import ClockKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Duration
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "clocks")


class ClockPauseOut(BaseModel):
    """A time in which the clock stood."""

    model_config = ConfigDict(from_attributes=True)

    started_at: datetime
    until: datetime = Field(description="its longest end")
    ended_at: datetime | None = Field(description="its end; null while it lasts")


class ClockToldOut(BaseModel):
    """Somebody heard of a clock: of a warning, of its miss, or at a further level after it."""

    model_config = ConfigDict(from_attributes=True)

    percent: int | None = Field(description="of a warning: how much of the time had passed; else null")
    level: int | None = Field(description="of a miss: the level in the chain, 1 to 5; of a warning null")
    staff_id: UUID | None = Field(description="who was told; null: nobody was there, so administration was alarmed")
    at: datetime | None = Field(description="the level's own moment; null where an older release told it")
    noticed_at: datetime = Field(description="when it was told: later than its moment after an outage")


class ClockOut(BaseModel):
    """One of a case's clocks, as it stands now."""

    model_config = ConfigDict(from_attributes=True)

    round: int
    kind: ClockKind
    allowed: Duration | None = Field(description="how long it may take, in time of its calendar; null: no deadline")
    started_at: datetime | None = Field(description="when it began; null for a step whose turn has not come")
    due_at: datetime | None = Field(description="when it is missed; null while paused, and where there is no deadline")
    paused: bool
    stopped_at: datetime | None = Field(description="when what it waits for was done; null before")
    missed_at: datetime | None = Field(description="the moment at which it was missed; null where it was not")
    noticed_at: datetime | None = Field(description="when somebody noticed the miss; null before")
    policy_version: int | None = Field(description="the clock policy by which it began; null where none said anything")
    calendar: str | None = Field(description="the calendar by which it runs; null: day and night")
    calendar_version: int | None = Field(description="the calendar's version; null: day and night")
    pauses: list[ClockPauseOut]
    levels: LevelsOut | None = Field(
        description="who hears of it, and when, by the policy that fixed it; null: its miss is told once, to whom it "
        "concerns"
    )
    told: list[ClockToldOut] = Field(
        description="who has heard of it, in order; of the answer's clock without its warnings, which stand in the "
        "events alone"
    )


@routes.get("/complaints/{id}/clocks")
@raises(ComplaintNotFound)
async def list_clocks(id: CaseId, context: Injected[Context], caller: Caller) -> Page[ClockOut]:
    """Every clock of a case, round by round, on one page: accepting, the answer, each step with a deadline, the
    resolution; with who has heard of it."""
    clocks = await queries.list_clocks(context, id, viewer=viewer(caller))
    return Page(items=[ClockOut.model_validate(clock) for clock in clocks])
