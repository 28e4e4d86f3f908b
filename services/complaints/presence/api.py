"""Routes of presence: who is there, and saying it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.presence import handlers, queries
from services.complaints.presence.domain import NotYourPresence, Presence, PresenceRefused, PresenceState, ShownPresence
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment
from shared.http.paging import Page
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/complaints/v1", "presence")


class PresenceIn(BaseModel):
    """Whether somebody is there to take cases."""

    model_config = ConfigDict(extra="forbid")

    state: PresenceState
    until: Annotated[
        Moment | None, Field(description="when who is away comes back; until they say so where left out")
    ] = None
    staff_id: Annotated[UUID | None, Field(description="of whom it is said: the caller unless said otherwise")] = None


class PresenceOut(BaseModel):
    """A colleague of customer service."""

    staff_id: UUID
    name: str
    role: str
    state: ShownPresence
    away_until: datetime | None
    skills: list[str]
    open_cases: int

    @classmethod
    def of(cls, presence: Presence, now: datetime) -> "PresenceOut":
        state = presence.state(now)
        return cls(
            staff_id=presence.staff_id,
            name=presence.name,
            role=presence.role,
            state=state,
            away_until=presence.away_until if state == "away" else None,
            skills=list(presence.skills),
            open_cases=presence.open_cases,
        )


@routes.post("/presence")
@raises(NotYourPresence, PresenceRefused, UnknownStaff)
async def say_presence(body: PresenceIn, context: Injected[Context], caller: Caller) -> PresenceOut:
    """Says that the caller is there, or away; a customer-service manager says it of others too."""
    said = await handlers.say(context, body.staff_id or caller.id, body.state, body.until, by=caller)
    return PresenceOut.of(said, context.clock.now())


@routes.get("/presence")
async def list_presence(context: Injected[Context]) -> Page[PresenceOut]:
    """Everybody of customer service at work, on one page."""
    now = context.clock.now()
    return Page(items=[PresenceOut.of(each, now) for each in await queries.everybody(context)])
