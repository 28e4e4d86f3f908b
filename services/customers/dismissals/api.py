"""Routes of customers who are not to be kept: dismissed by their win-back case, or without one."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.dismissals import handlers, queries
from services.customers.dismissals.domain import DismissalNotFound, DismissalWithdrawn, DismissedAlready
from services.customers.dismissals.queries import ReadDismissal
from services.customers.heads.domain import Erased
from services.customers.winbacks import handlers as winning_back
from services.customers.winbacks import queries as winbacks
from services.customers.winbacks.api.cases import WinbackId, WinbackOut, answer
from services.customers.winbacks.domain import UnknownApprover, WinbackEnded, WinbackNotFound, WinbackOpen
from shared.auth.visibility import viewer
from shared.contracts.winbacks import DismissalMeans
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import set_etag
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1", "dismissals")

DismissalId = Annotated[UUID, Path(description="the id of the dismissal")]


class WinbackDismissalIn(BaseModel):
    """A customer who is not kept: with a reason, and with who approves it."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(description="why, 1 to 2,000 characters; kept sealed")
    approver_id: UUID = Field(
        description="the staff id of who approves it: a manager of customer service or sales, or the general manager"
    )
    means: DismissalMeans | None = Field(default=None, description="what it means; null: nobody said")


class DismissalIn(WinbackDismissalIn):
    """A customer who is not kept: what that means, with a reason, and with who approves it."""

    means: DismissalMeans = Field(description="what it means")


class DismissalWithdrawalIn(BaseModel):
    """A customer who is kept after all."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(description="why, 1 to 2,000 characters; kept sealed")


class DismissalOut(BaseModel):
    """That a customer is not to be kept, or was not."""

    id: UUID = Field(description="the id of the dismissal (UUIDv7)")
    version: int
    customer_id: UUID
    customer_name: str | None
    means: DismissalMeans = Field(description="what it means")
    reason: str | None = Field(description="why; null: it went with the person who was erased")
    approver_id: UUID = Field(description="the staff id of who approved it")
    decided_at: datetime = Field(description="when it was said")
    decided_by: UUID = Field(description="the staff id of who said it")
    withdrawn_at: datetime | None = Field(description="when it was taken back; null: it stands")
    withdrawn_by: UUID | None = Field(description="the staff id of who took it back; null likewise")
    withdrawal_reason: str | None = Field(description="why it was taken back; null likewise, or gone with the person")

    @classmethod
    def of(cls, found: ReadDismissal, context: Context) -> Self:
        def opened(words: bytes | None) -> str | None:
            return None if words is None else context.words.open(words, found.id.bytes).decode()

        same = {name: getattr(found, name) for name in cls.model_fields if name not in ("reason", "withdrawal_reason")}
        return cls(**same, reason=opened(found.words), withdrawal_reason=opened(found.withdrawal_words))


@routes.post("/customers/{customer_id}/dismissal", status_code=201)
@raises(DismissedAlready, CustomerNotFound, Erased, UnknownApprover, WinbackOpen)
async def let_go_of_customer(
    customer_id: UUID, body: DismissalIn, context: Injected[Context], caller: Caller, response: Response
) -> DismissalOut:
    """Dismisses a customer whom nobody is winning back, such as one who left in malice or bought nothing."""
    new = await handlers.dismiss(
        context, customer_id, body.means, body.reason, body.approver_id, by=caller.id, viewer=viewer(caller)
    )
    response.headers["Location"] = f"/customers/v1/dismissals/{new.id}"
    return _answer(await queries.written(context, new.id), context, response)


@routes.get("/dismissals")
async def list_dismissals(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only those of this customer")] = None,
    means: Annotated[DismissalMeans | None, Query(description="only those that mean this")] = None,
    standing: Annotated[bool | None, Query(description="only those that stand, or only those taken back")] = None,
) -> Page[DismissalOut]:
    """Dismissals without a case of customers whom the caller sees, the latest first."""
    filters = {"customer_id": customer_id, "means": means, "standing": standing}
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, lambda found: DismissalOut.of(found, context))


@routes.get("/dismissals/{dismissal_id}")
@raises(DismissalNotFound)
async def read_dismissal(
    dismissal_id: DismissalId, context: Injected[Context], caller: Caller, response: Response
) -> DismissalOut:
    """One dismissal without a case."""
    return _answer(await queries.read(context, dismissal_id, viewer=viewer(caller)), context, response)


@routes.post("/dismissals/{dismissal_id}/withdrawal")
@raises(DismissalNotFound, DismissalWithdrawn)
async def withdraw_dismissal(
    dismissal_id: DismissalId,
    body: DismissalWithdrawalIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
) -> DismissalOut:
    """Takes a dismissal back: the customer is kept after all. It stays where it stood, with both reasons."""
    after = await handlers.withdraw(context, dismissal_id, body.reason, by=caller.id, viewer=viewer(caller))
    return _answer(await queries.written(context, after.id), context, response)


@routes.post("/winbacks/{winback_id}/dismissal")
@raises(UnknownApprover, WinbackEnded, WinbackNotFound)
async def dismiss_customer(
    winback_id: WinbackId, body: WinbackDismissalIn, context: Injected[Context], caller: Caller, response: Response
) -> WinbackOut:
    """Dismisses the customer of a case: a decision with a reason, and with somebody else who approves it."""
    case = await winning_back.dismiss(
        context, winback_id, body.reason, body.approver_id, body.means, by=caller.id, viewer=viewer(caller)
    )
    return answer(await winbacks.written(context, case.id), context, response)


def _answer(found: ReadDismissal, context: Context, response: Response) -> DismissalOut:
    set_etag(response, found.version)
    return DismissalOut.of(found, context)
