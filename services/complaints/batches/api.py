"""Routes of batches: recorded and put right, listed with their alarms, read with cases and buyers, alarms lifted."""

from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.batches import queries
from services.complaints.batches.domain import (
    BatchDays,
    BatchNotFound,
    BatchRecorded,
    NewBatch,
    NoAlarm,
)
from services.complaints.batches.domain import (
    BatchPatch as Patch,
)
from services.complaints.batches.handlers import recording
from services.complaints.batches.queries import ListedBatch, ReadBatch
from services.complaints.context import Context
from shared.contracts.safety import Severity
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, ExternalNo, Reason, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "product safety")

BatchId = Annotated[UUID, Path(description="the batch's id")]
ALARMED_FIRST: Order[ListedBatch, tuple[int, UUID]] = Order(
    lambda listed: (int(listed.batch.alarmed), listed.batch.id), lambda rank, id_: (rank, UUID(id_))
)


class BatchIn(BaseModel):
    """A batch as it stands on the pack."""

    model_config = ConfigDict(extra="forbid")

    product: Annotated[ExternalNo, Field(description="the product's number or name, as purchases name it")]
    batch: Annotated[ExternalNo, Field(description="the batch, as it stands on the pack")]
    made_on: Annotated[Day | None, Field(description="when it was made")] = None
    expires_on: Annotated[Day | None, Field(description="the day on which it expires")] = None
    sale_stopped: Annotated[YesOrNo, Field(description="whether it is not to be sold any longer")] = False


class BatchChangeIn(BaseModel):
    """What is right of a batch; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    made_on: Annotated[Day | None, Field(description="when it was made")] = None
    expires_on: Annotated[Day | None, Field(description="the day on which it expires")] = None
    sale_stopped: Annotated[
        YesOrNo | None, Field(description="true: it is not to be sold from now on; false: it may be again")
    ] = None


class AlarmLiftIn(BaseModel):
    """Why nobody need be warned any longer."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why the alarm is lifted, 1 to 2,000 characters; kept sealed")]


class BatchOut(BaseModel):
    """A batch, and how its alarm stands."""

    id: UUID = Field(description="the batch's id (UUIDv7)")
    product: str | None = Field(description="the product; null where no case has said which")
    batch: str = Field(description="the batch, as it stands on the pack")
    made_on: date | None = Field(description="when it was made; null where nobody has recorded it")
    expires_on: date | None = Field(description="the day on which it expires; null where nobody has recorded it")
    sale_stopped_at: datetime | None = Field(description="since when it is not to be sold; null: it may be")
    recorded_at: datetime | None = Field(description="when administration recorded it; null where cases alone name it")
    reactions: int = Field(description="how many adverse reactions to it count and were part of no lifted alarm")
    alarmed: bool = Field(description="whether an alarm of it stands")
    alarm: int = Field(description="how many alarms it has had")
    alarmed_at: datetime | None = Field(description="when the last alarm was raised; null without one")
    policy_version: int | None = Field(description="the version of the policy that raised it; null without one")
    lifted_at: datetime | None = Field(description="when that was lifted; null while it stands")
    lifted_by: UUID | None = Field(description="who lifted it; null while it stands")
    lifted_because: str | None = Field(description="why it was lifted; null before the first was")

    @classmethod
    def of(cls, listed: ListedBatch) -> "BatchOut":
        return cls(
            **{name: value for name, value in asdict(listed.batch).items() if name in cls.model_fields},
            alarmed=listed.batch.alarmed,
            reactions=listed.reactions,
            lifted_because=listed.lifted_because,
        )


class BatchCaseOut(BaseModel):
    """An adverse reaction to the batch."""

    complaint_id: UUID
    number: str
    customer_id: UUID | None
    severity: Severity = Field(description="how bad it is")
    reacted_on: date = Field(description="its day")
    counts: bool = Field(description="false where the case was judged not valid or malicious")
    settled: bool = Field(description="whether an alarm that it was part of was lifted")


class BuyerOut(BaseModel):
    """Who bought of the batch."""

    customer_id: UUID
    quantity: int = Field(description="how many pieces they have not given back")
    last_bought_at: datetime = Field(description="when they last bought of it")


class WholeBatchOut(BatchOut):
    """A batch with the reactions to it and its buyers."""

    holds: bool = Field(
        description="whether the reactions that count now would raise an alarm; false beside a standing alarm says "
        "that cases have been judged otherwise since"
    )
    cases: list[BatchCaseOut] = Field(description="the adverse reactions to it, by day, up to 1,000")
    customers: int = Field(description="how many bought of it within the time of the policy before its alarm, or now")
    buyers: list[BuyerOut] = Field(description="these, who bought last first, up to 1,000")


@routes.post("/batches", status_code=201)
@raises(BatchDays, BatchRecorded)
async def record_batch(body: BatchIn, context: Injected[Context], caller: Caller, response: Response) -> BatchOut:
    """Records a batch of a product, also one that cases have named already."""
    batch = await recording.record(context, NewBatch(**dict(body)), by=caller.id)
    response.headers["Location"] = f"/complaints/v1/batches/{batch.id}"
    set_etag(response, batch.version)
    return BatchOut.of(await queries.written(context, batch))


@routes.get("/batches")
async def list_batches(
    context: Injected[Context],
    paging: Paging,
    alarmed: Annotated[bool | None, Query(description="only those whose alarm stands, or only the others")] = None,
    product: Annotated[ExternalNo | None, Query(description="only batches of this product")] = None,
    batch: Annotated[ExternalNo | None, Query(description="only batches of this number")] = None,
) -> Page[BatchOut]:
    """Batches, those whose alarm stands first, then the latest."""
    filters = {"alarmed": alarmed, "product": product, "batch": batch}
    read = partial(queries.list_batches, context, alarmed, product, batch)
    return await paging.page(ALARMED_FIRST, filters, read, BatchOut.of)


@routes.get("/batches/{id}")
@raises(BatchNotFound)
async def read_batch(id: BatchId, context: Injected[Context], response: Response) -> WholeBatchOut:
    """One batch with the reactions to it and who bought it. The warnings of an alarm are tasks of care."""
    read = await queries.read(context, id)
    set_etag(response, read.listed.batch.version)
    return _whole(read)


@routes.patch("/batches/{id}")
@raises(BatchDays, BatchNotFound)
async def change_batch(
    id: BatchId,
    body: BatchChangeIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> BatchOut:
    """Puts right what is recorded of a batch, stops its sale, or lets it be sold again."""
    patch = Patch(**dict(body))
    batch = await recording.change(context, id, patch, expected_version=expected_version, by=caller.id)
    set_etag(response, batch.version)
    return BatchOut.of(await queries.written(context, batch))


@routes.post("/batches/{id}/lift")
@raises(BatchNotFound, NoAlarm)
async def lift_alarm(id: BatchId, body: AlarmLiftIn, context: Injected[Context], caller: Caller) -> BatchOut:
    """Lifts the alarm of a batch: what is still open of its warnings is dropped, and its reactions raise no other."""
    batch = await recording.lift(context, id, body.reason, by=caller.id)
    return BatchOut.of(await queries.written(context, batch))


def _whole(read: ReadBatch) -> WholeBatchOut:
    return WholeBatchOut(
        **BatchOut.of(read.listed).model_dump(),
        holds=read.holds,
        cases=[
            BatchCaseOut(**{name: getattr(case, name) for name in BatchCaseOut.model_fields}) for case in read.cases
        ],
        customers=read.customers,
        buyers=[BuyerOut(**asdict(buyer)) for buyer in read.buyers],
    )
