"""The route of what waits for somebody here."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.scheme import queries as scheme
from shared.http.context import Injected
from shared.http.routing import Caller, router

routes = router("/customers/v1", "me")


class SchemeToAcknowledgeOut(BaseModel):
    """A version of the scheme that the caller has not acknowledged."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the version of the scheme")
    version: int = Field(description="counts the versions of the scheme from 1")
    title: str = Field(description="what it is called")
    holds_from: datetime = Field(description="from when on it holds")


class MeOut(BaseModel):
    """What waits for somebody."""

    scheme: list[SchemeToAcknowledgeOut] = Field(
        description="versions of the scheme to be acknowledged: the one that holds, and those that will"
    )


@routes.get("/me")
async def read_me(context: Injected[Context], caller: Caller) -> MeOut:
    """What waits for the caller: versions of the scheme that they have not acknowledged."""
    waiting = await scheme.waiting_for(context, caller.id)
    return MeOut(scheme=[SchemeToAcknowledgeOut.model_validate(each) for each in waiting])
