"""Routes of internal cases: what departments say of each other, and lists of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from services.complaints.cases.domain import CaseState, ComplaintNotFound, NothingToCorrect, TimeNotAllowed, Words
from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.internal_cases import handlers, queries
from services.complaints.internal_cases.domain import (
    TRADE,
    Accused,
    AgainstOneself,
    FoundIn,
    InternalCorrection,
    InternalNotFound,
    InternalType,
    NewInternal,
    NotAStore,
    NotOfThisType,
)
from services.complaints.lists.api import ListedCaseOut
from services.complaints.rulebook.domain.subjects import UnknownSubject
from shared.auth.visibility import viewer
from shared.http.answers import json_answer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Moment, Prose, Reason
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.references import UnknownCustomer, UnknownDepartment, UnknownRegion, UnknownStaff

routes = router("/complaints/v1", "internal")

InternalId = Annotated[UUID, Path(description="the internal case's id")]
LATEST_FIRST: Order[Row, UUID] = Order(lambda row: (row["id"],), UUID)
"""Ids are in the order of recording."""


class InternalAgainstIn(BaseModel):
    """Which department it is against, or who in it."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[Accused, Field(description="a department, which its manager answers for, or a person")]
    id: UUID = Field(description="the id of the department or staff member")


class InternalIn(BaseModel):
    """An internal case to be recorded."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[InternalType, Field(description="what it is about")]
    against: Annotated[
        InternalAgainstIn | None,
        Field(
            description="the department that it is against, or who in it; diversion and price breaking are the store's"
        ),
    ] = None
    text: Annotated[Prose, Field(description="what happened, 1 to 10,000 characters; kept sealed")]
    wish: Annotated[Prose | None, Field(description="what is asked for, 1 to 10,000 characters; kept sealed")] = None
    subject: Annotated[Code, Field(description="what it is about: the code of a subject in use")] = "other"
    customer_id: UUID | None = Field(
        default=None, description="the customer who was badly served; of diversion and price breaking the store"
    )
    touch_id: UUID | None = Field(default=None, description="the visit, stay or call in which it was found")
    found_in: Annotated[FoundIn, Field(description="where it was found")] = "work"
    region_id: UUID | None = Field(
        default=None, description="the region in which a store's goods were found or its price was seen"
    )
    happened_at: Moment | None = Field(default=None, description="when it happened")

    @model_validator(mode="after")
    def _whole(self) -> "InternalIn":
        if self.type == "fault":
            raise ValueError("a fault is opened by the promise that did not hold")
        if self.touch_id is not None and self.customer_id is None:
            raise ValueError("a visit is one to a customer: give customer_id beside touch_id")
        if self.type in TRADE:
            self._check_trade()
        elif self.against is None or self.region_id is not None:
            raise ValueError("say whom it is against, and no region: that is said of a store's goods")
        return self

    def _check_trade(self) -> None:
        if self.against is not None:
            raise ValueError("leave `against` out: it is the store's, customer_id")
        if self.customer_id is None or self.region_id is None:
            raise ValueError("give the store (customer_id) and the region in which its goods were found (region_id)")

    def internal(self) -> NewInternal:
        """What is to be recorded."""
        against_type, against_id = self._against()
        return NewInternal(
            type=self.type,
            against_type=against_type,
            against_id=against_id,
            customer_id=self.customer_id,
            region_id=self.region_id,
            subject=self.subject,
            found_in=self.found_in,
            words=Words(text=self.text, wish=self.wish, complainant=None, against=None),
            touch_id=self.touch_id,
            happened_at=self.happened_at,
        )

    def _against(self) -> tuple[Accused | Literal["store"], UUID]:
        """The store whose goods were found, else whom it is said to be against."""
        if self.against is not None:
            return self.against.type, self.against.id
        if self.customer_id is None:
            raise ValueError("it is against somebody: `_whole` saw to that")
        return "store", self.customer_id


class InternalCorrectionIn(BaseModel):
    """What is right; what is left out stays as it was entered."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[InternalType | None, Field(description="what it is about; a fault stays one")] = None
    found_in: Annotated[FoundIn | None, Field(description="where it was found")] = None
    region_id: UUID | None = Field(
        default=None, description="the region in which a store's goods were found or its price was seen"
    )
    reason: Annotated[Reason, Field(description="why it is corrected, 1 to 2,000 characters; kept sealed")]


class InternalOut(ListedCaseOut):
    """An internal case, with what it is about."""

    type: InternalType = Field(description="what it is about")
    department_id: UUID | None = Field(description="whose objection it is; null where nobody's, or nobody knows")
    department_name: str | None = Field(description="what the directory calls that department")
    found_in: FoundIn | None = Field(description="where it was found; null where nobody said")
    region_id: UUID | None = Field(description="in which region a store's goods were found; null for all others")
    region_name: str | None = Field(description="what the directory calls that region")
    occurrence: int | None = Field(
        description="the how-manieth of its type against this store: 0 where it was judged not valid or malicious; "
        "null for all but diversion and price breaking"
    )
    measures: list[str] = Field(description="the codes of the measures by contract that hold, in their order")
    commitment_id: UUID | None = Field(description="the promise that did not hold; null for all but a fault")
    accepted_at: datetime | None = Field(description="when administration accepted it; null before")
    accepted_by: UUID | None = Field(description="who accepted it; null before")
    valid: bool | None = Field(description="whether it is valid, as judged; null while nobody has judged it")
    good_faith: bool | None = Field(description="whether it was meant in good faith, as judged; null before")


@routes.post("/internal", status_code=201, response_model=InternalOut)
@raises(
    AgainstOneself,
    InternalNotFound,
    NotAStore,
    TimeNotAllowed,
    UnknownCustomer,
    UnknownDepartment,
    UnknownRegion,
    UnknownStaff,
    UnknownSubject,
)
async def record_internal(body: InternalIn, context: Injected[Context], caller: Caller) -> Response:
    """Records an internal case, which administration accepts: the same steps and clocks as any other, and no customer
    hears of it. The steps are done at `complaints/{id}`."""
    id_ = await handlers.record(context, body.internal(), caller)
    row = await queries.read(context, id_, viewer=None)
    return json_answer(row, 201, {"Location": f"/complaints/v1/internal/{id_}"})


@routes.get("/internal", response_model=Page[InternalOut])
async def list_internal(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    type: Annotated[InternalType | None, Query(description="only those about this")] = None,
    store_id: Annotated[UUID | None, Query(description="only those about this customer")] = None,
    against_id: Annotated[UUID | None, Query(description="only those against this department or staff member")] = None,
    accountable_id: Annotated[UUID | None, Query(description="only those for which this staff member answers")] = None,
    department_id: Annotated[UUID | None, Query(description="only what this department objects to")] = None,
    state: Annotated[CaseState | None, Query(description="only those that stand so")] = None,
) -> Response:
    """Internal cases, the latest first. Who does not see every customer sees those that they and their people recorded,
    handle or answer for, and those about customers of their teams."""
    filters = {
        "type": type,
        "store_id": store_id,
        "against_id": against_id,
        "accountable_id": accountable_id,
        "department_id": department_id,
        "state": state,
    }
    after = paging.after(LATEST_FIRST, filters)
    rows = await queries.list_internal(context, filters, after, paging.most, viewer=viewer(caller))
    items, following = paging.cut(rows, LATEST_FIRST, filters)
    return json_answer({"items": items, "next": following})


@routes.get("/internal/{id}", response_model=InternalOut)
@raises(InternalNotFound)
async def read_internal(id: InternalId, context: Injected[Context], caller: Caller) -> Response:
    """One internal case; its words, steps, files and history are those of the case `complaints/{id}`."""
    return json_answer(await queries.read(context, id, viewer=viewer(caller)))


@routes.post("/internal/{id}/correction", response_model=InternalOut)
@raises(ComplaintNotFound, InternalNotFound, NotOfThisType, NothingToCorrect, UnknownRegion)
async def correct_internal(
    id: InternalId, body: InternalCorrectionIn, context: Injected[Context], caller: Caller
) -> Response:
    """Puts right what an internal case is about, in the audit; its customer, its subject and whom it is against are
    corrected at `complaints/{id}/correction`."""
    correction = InternalCorrection(type=body.type, found_in=body.found_in, region_id=body.region_id)
    await handlers.correct(context, id, correction, body.reason, by=caller.id)
    return json_answer(await queries.read(context, id, viewer=None))
