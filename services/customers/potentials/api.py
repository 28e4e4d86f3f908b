"""Routes of what customers could buy."""

from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.potentials import handlers, queries
from services.customers.potentials.domain import NoPotential, Potential
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import MoneyOrNothing, Sum
from shared.references import CustomerNotFound

routes = router("/customers/v1", "tiers")


class PotentialIn(BaseModel):
    """What a customer could buy."""

    model_config = ConfigDict(extra="forbid")

    amount: MoneyOrNothing = Field(description="what it could buy a month, CNY of mid-grade terms")
    reason: Reason = Field(description="what makes one think so, 1 to 2,000 characters; kept sealed")


class PotentialOut(BaseModel):
    """What a customer could buy, as somebody said."""

    model_config = ConfigDict(from_attributes=True)

    customer_id: UUID
    customer_name: str | None
    version: int = Field(description="counts what was said, from 1")
    amount: Sum = Field(description="what it could buy a month, CNY of mid-grade terms")
    reason: str | None = Field(description="what made one think so; null once the person is erased")
    said_at: datetime = Field(description="when it was said")
    said_by: UUID = Field(description="who said it")


@routes.put("/customers/{customer_id}/potential")
@raises(CustomerNotFound, Erased)
async def say_potential(
    customer_id: UUID,
    body: PotentialIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> PotentialOut:
    """Says what a customer could buy a month; it stands beside the tier in the outlook and in the preview of a policy,
    and rising stars can be put in its order."""
    await handlers.say(
        context, customer_id, body.amount, body.reason, expected_version, by=caller.id, viewer=viewer(caller)
    )
    return _answer(await queries.written(context, customer_id), response)


@routes.get("/customers/{customer_id}/potential")
@raises(CustomerNotFound, NoPotential)
async def read_potential(
    customer_id: UUID, context: Injected[Context], caller: Caller, response: Response
) -> PotentialOut:
    """What a customer could buy, as it was said last."""
    return _answer(await queries.read(context, customer_id, viewer=viewer(caller)), response)


@routes.get("/customers/{customer_id}/potential/history")
@raises(CustomerNotFound)
async def list_potentials(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[PotentialOut]:
    """All that was said of it, the latest first."""
    read = partial(queries.history, context, customer_id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id}, read, PotentialOut.model_validate)


def _answer(said: Potential, response: Response) -> PotentialOut:
    set_etag(response, said.version)
    return PotentialOut.model_validate(said)
