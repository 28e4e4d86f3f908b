"""The audit's route, the same in every service: entries for administration, newest first."""

from datetime import datetime
from functools import partial
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from shared import audit
from shared.audit import AuditEntry
from shared.http.paging import Order, Page, Paging
from shared.http.routing import router
from shared.purposes import Purpose
from shared.service import Service

NEWEST_FIRST: Order[AuditEntry, int] = Order(lambda entry: (entry.id,), int)


class AuditEntryOut(BaseModel):
    """Who did or looked up what, and when; `subject` is the id of what it was done to.

    `digest` (hex) stands for what is not shown, such as a number that was looked up: the same one has the same digest.
    """

    id: int
    made_at: datetime
    made_by: UUID
    what: str
    subject: UUID | None
    digest: str | None
    purpose: Purpose | None = Field(description="for what it was done, as the request stated; null where it did not")

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryOut":
        digest = None if entry.digest is None else entry.digest.hex()
        return cls(
            id=entry.id,
            made_at=entry.made_at,
            made_by=entry.made_by,
            what=entry.what,
            subject=entry.subject,
            digest=digest,
            purpose=cast("Purpose | None", entry.purpose),
        )


def audit_router(name: str) -> APIRouter:
    """The audit's route for one service."""
    routes = router(f"/{name}/v1", "audit")

    @routes.get("/audit")
    async def read_audit(
        request: Request,
        paging: Paging,
        made_by: Annotated[UUID | None, Query(description="whose doing")] = None,
        what: Annotated[str | None, Query(max_length=64, description="a code, such as purchase.reversed")] = None,
        subject: Annotated[UUID | None, Query(description="the id of what it was done to")] = None,
    ) -> Page[AuditEntryOut]:
        """What was entered for good about commands and look-ups, newest first."""
        service: Service = request.app.state.service
        filters = {"made_by": made_by, "what": what, "subject": subject}
        read = partial(audit.newest_first, service.runtime.database, filters)
        return await paging.page(NEWEST_FIRST, filters, read, AuditEntryOut.of)

    return routes
