"""Routes of account teams."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Response
from pydantic import BaseModel

from services.customers.context import InContext
from services.customers.teams import handlers, queries
from services.customers.teams.domain import Team
from shared.auth.visibility import viewer
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/customers/v1/customers/{customer_id}", "teams")

Seats = Annotated[
    dict[str, UUID],
    Body(max_length=20, description="role -> staff id: the whole team", examples=[{"salesperson": "0190…"}]),
]


class TeamOut(BaseModel):
    """The account team: role -> staff id."""

    customer_id: UUID
    team: dict[str, UUID]


def _answer(response: Response, customer_id: UUID, team: Team) -> TeamOut:
    if team.version is not None:
        set_etag(response, team.version)
    return TeamOut(customer_id=customer_id, team=dict(team.seats))


@routes.put("/team")
async def seat_team(
    customer_id: UUID, seats: Seats, context: InContext, caller: Caller, response: Response, if_match: IfMatch = None
) -> TeamOut:
    """Seats the whole team; with If-Match (the team's ETag) when there has been one."""
    team = await handlers.seat(context, customer_id, seats, if_match, viewer=viewer(caller))
    return _answer(response, customer_id, team)


@routes.get("/team")
async def read_team(customer_id: UUID, context: InContext, caller: Caller, response: Response) -> TeamOut:
    return _answer(response, customer_id, await queries.team(context, customer_id, viewer=viewer(caller)))
