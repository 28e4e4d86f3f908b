"""Routes of account teams."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Response
from pydantic import BaseModel, ConfigDict

from services.customers.context import Context
from services.customers.teams import handlers, queries
from services.customers.teams.domain import Team, TeamRefused
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1/customers/{customer_id}", "teams")

Seats = Annotated[
    dict[str, UUID],
    Body(
        max_length=20,
        description="role -> staff id: the whole team",
        examples=[{"salesperson": "019a4c11-2f00-7a31-9c5e-3f1d8f0b7c21"}],
    ),
]


class ColleagueOut(BaseModel):
    """A colleague by work name."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str


class TeamOut(BaseModel):
    """The account team: role -> staff id."""

    customer_id: UUID
    team: dict[str, UUID]


def _answer(response: Response, customer_id: UUID, team: Team) -> TeamOut:
    if team.version is not None:
        set_etag(response, team.version)
    return TeamOut(customer_id=customer_id, team=dict(team.seats))


@routes.put("/team")
@raises(CustomerNotFound, TeamRefused)
async def seat_team(
    customer_id: UUID,
    seats: Seats,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> TeamOut:
    """Seats the whole team; with If-Match (the team's ETag) when there has been one."""
    team = await handlers.seat(
        context, customer_id, seats, expected_version=expected_version, by=caller.id, viewer=viewer(caller)
    )
    return _answer(response, customer_id, team)


@routes.get("/team")
@raises(CustomerNotFound)
async def read_team(customer_id: UUID, context: Injected[Context], caller: Caller, response: Response) -> TeamOut:
    """Who serves a customer."""
    return _answer(response, customer_id, await queries.team(context, customer_id, viewer=viewer(caller)))
