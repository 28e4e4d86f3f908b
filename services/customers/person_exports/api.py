"""The route of what is kept of a person."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.customers.context import Context
from services.customers.person_exports import handlers
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.person_archive import ARCHIVE, archive_answer
from shared.http.routing import Caller, router
from shared.purposes import PurposeTooNarrow
from shared.references import CustomerNotFound

routes = router("/customers/v1", "person export")

PersonId = Annotated[UUID, Path(description="a customer, an owner, or somebody of a store")]


@routes.get("/persons/{person_id}/export", response_class=Response, responses=ARCHIVE)
@raises(CustomerNotFound, PurposeTooNarrow)
async def export_person(person_id: PersonId, context: Injected[Context], caller: Caller) -> Response:
    """All that this service keeps of a person, for themself: a ZIP of JSON and CSV. Entered in the audit."""
    return archive_answer("customers", person_id, await handlers.export(context, person_id, by=caller.id))
