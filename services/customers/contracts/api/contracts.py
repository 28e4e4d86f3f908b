"""Routes of franchise contracts."""

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.aftercare.domain import ErrandState
from services.customers.archive.domain import ExternalNoTaken
from services.customers.context import Context
from services.customers.contracts import handlers, queries
from services.customers.contracts.domain.contracts import Contract, ContractState, NewContract
from services.customers.contracts.domain.refusals import (
    ContractDatesRefused,
    ContractEnded,
    ContractNotFound,
    CorrectionUnexplained,
    EndingByProcedure,
    EndingUnderWay,
)
from services.customers.contracts.queries import ReadContract, ReadCorrection
from services.customers.heads.domain import Erased
from services.customers.network.domain import RegionGrade, SameBrand, SameGrade
from services.customers.organisation.domain import Grade
from shared.auth.visibility import viewer
from shared.contracts.network import EndingStep
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, ExternalNo, Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import UnknownBrand, UnknownCustomer, UnknownRegion

routes = router("/customers/v1", "contracts")

ContractId = Annotated[UUID, Path(description="the contract's id")]


class ContractIn(BaseModel):
    """A contract that ties a customer to a brand in a region."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    brand_id: UUID
    region_id: UUID
    starts_on: Annotated[Day, Field(description="the first day on which it holds")]
    ends_on: Annotated[Day | None, Field(description="the first day on which it holds no more; null: until ended")] = (
        None
    )
    external_no: Annotated[ExternalNo | None, Field(description="its number on paper")] = None


class ContractPatch(Patch):
    """What was entered wrongly; a contract of another customer is withdrawn and signed anew."""

    brand_id: UUID = UUID(int=0)
    region_id: UUID = UUID(int=0)
    starts_on: Annotated[Day, Field(description="the first day on which it holds")] = date.min
    ends_on: Annotated[Day | None, Field(description="the first day on which it holds no more; null: until ended")] = (
        None
    )
    external_no: Annotated[ExternalNo | None, Field(description="its number on paper")] = None
    reason: Annotated[
        Reason | None, Field(description="what was entered wrongly, and why; not needed for the number alone")
    ] = None


class DoneOut(BaseModel):
    """A step of the ending that was done."""

    step: EndingStep = Field(description="which step")
    by: UUID = Field(description="the staff id of who did it")
    at: datetime = Field(description="when it was done")
    text: str | None = Field(description="what was said or agreed; null where nothing was written down")


class AftercareOut(BaseModel):
    """A task of care after the end of the contract."""

    model_config = ConfigDict(from_attributes=True)

    task_id: UUID = Field(description="the task; care shows it under this id")
    errand: str = Field(description="what is done: a code of care's aftercare policy")
    role: str = Field(description="who of the account team does it")
    assignee_id: UUID | None = Field(description="the staff member who is to do it; null: nobody yet")
    not_before: datetime = Field(description="from when on it may be done")
    due_at: datetime = Field(description="until when it is to be done")
    state: ErrandState = Field(description="how it stands")
    settled_at: datetime | None = Field(description="when it was done, missed or dropped; null while open")


class ContractOut(BaseModel):
    """A contract, with names of what it is about."""

    id: UUID = Field(description="the id of the contract (UUIDv7)")
    state: ContractState = Field(description="how it stands today")
    customer_id: UUID
    customer_name: str | None = Field(description="the store's trading name; null for a person")
    brand_id: UUID
    brand_name: str
    grade: Grade
    region_id: UUID
    region_name: str
    starts_on: Day = Field(description="the first day on which it holds")
    ends_on: Day | None = Field(description="the first day on which it holds no more; null while none is settled")
    external_no: str | None = Field(description="its number on paper")
    asked_end: Day | None = Field(description="when its ending asks it to end; null while none has begun")
    ending: list[DoneOut] = Field(description="the steps of the ending that were done, in order")
    aftercare: list[AftercareOut] = Field(description="what is owed after its end, as care plans and does it")
    policy_version: int = Field(description="the version of the rules by which it was signed")
    signed_at: datetime = Field(description="when it was entered")
    signed_by: UUID = Field(description="the staff id of who entered it")

    @classmethod
    def of(cls, read: ReadContract, today: date) -> "ContractOut":
        contract = read.contract
        return cls(
            id=contract.id,
            state=contract.state(today),
            customer_id=contract.customer_id,
            customer_name=read.customer_name,
            brand_id=contract.brand_id,
            brand_name=read.brand_name,
            grade="high" if read.grade == "high" else "mid",
            region_id=contract.region_id,
            region_name=read.region_name,
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            external_no=contract.external_no,
            asked_end=contract.asked_end,
            ending=[
                DoneOut(step=each.step, by=each.by, at=each.at, text=read.said.get(each.step)) for each in contract.done
            ],
            aftercare=[AftercareOut.model_validate(each) for each in read.aftercare],
            policy_version=contract.policy_version,
            signed_at=contract.signed_at,
            signed_by=contract.signed_by,
        )


class CorrectionOut(BaseModel):
    """What was put right of a contract."""

    id: UUID = Field(description="the id of the correction (UUIDv7)")
    version: int
    made_at: datetime = Field(description="when it was put right")
    made_by: UUID = Field(description="the staff id of who did it")
    before: dict[str, str | None] = Field(description="what the contract said, by field: those that changed")
    after: dict[str, str | None] = Field(description="what it says since, by field")
    reason: str | None = Field(description="what was entered wrongly, and why; null for a number alone")

    @classmethod
    def of(cls, read: ReadCorrection) -> "CorrectionOut":
        each = read.correction
        return cls(
            id=each.id,
            version=each.version,
            made_at=each.made_at,
            made_by=each.made_by,
            before=dict(each.before),
            after=dict(each.after),
            reason=read.reason,
        )


@routes.post("/contracts", status_code=201)
@raises(
    ContractDatesRefused,
    ExternalNoTaken,
    RegionGrade,
    SameBrand,
    SameGrade,
    UnknownBrand,
    UnknownCustomer,
    UnknownRegion,
)
async def sign_contract(
    body: ContractIn, context: Injected[Context], caller: Caller, response: Response
) -> ContractOut:
    """Signs a contract. What the rules of the network do not allow is refused with the rule as the slug (`same-brand`,
    `same-grade`, `region-grade`) and the contracts in the way."""
    contract = await handlers.sign(context, NewContract(**body.model_dump()), by=caller.id, viewer=viewer(caller))
    response.headers["Location"] = f"/customers/v1/contracts/{contract.id}"
    return await answer(context, response, contract)


@routes.get("/contracts")
async def list_contracts(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only this customer's")] = None,
    brand_id: Annotated[UUID | None, Query(description="only of this brand")] = None,
    region_id: Annotated[UUID | None, Query(description="only in this region, or in one that lies in it")] = None,
    holds_on: Annotated[Day | None, Query(description="only what holds on this day")] = None,
    ending: Annotated[bool, Query(description="only those whose ending has begun")] = False,
) -> Page[ContractOut]:
    """Contracts of customers whom the caller sees, the latest first."""
    filters = {
        "customer_id": customer_id,
        "brand_id": brand_id,
        "region_id": region_id,
        "holds_on": holds_on,
        "ending": ending,
    }
    read = partial(queries.page, context, filters, viewer=viewer(caller))
    return await paging.page(BY_ID, filters, read, lambda each: ContractOut.of(each, context.today()))


@routes.get("/contracts/{contract_id}")
@raises(ContractNotFound)
async def read_contract(
    contract_id: ContractId, context: Injected[Context], caller: Caller, response: Response
) -> ContractOut:
    """One contract."""
    read = await queries.read(context, contract_id, viewer=viewer(caller))
    set_etag(response, read.contract.version)
    return ContractOut.of(read, context.today())


@routes.patch("/contracts/{contract_id}")
@raises(
    ContractDatesRefused,
    ContractEnded,
    ContractNotFound,
    CorrectionUnexplained,
    EndingByProcedure,
    EndingUnderWay,
    Erased,
    ExternalNoTaken,
    RegionGrade,
    SameBrand,
    SameGrade,
    UnknownBrand,
    UnknownRegion,
)
async def correct_contract(
    contract_id: ContractId,
    body: ContractPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> ContractOut:
    """Puts right what was entered wrongly, with a reason; the rules are looked at again. A contract that would end
    earlier, or hold no more today, is ended: that goes by the procedure (409 `ending-by-procedure`). Of one that is
    over the days are put right, too; what the procedure has ended stays over (409 `contract-ended`)."""
    changes = body.changes()
    reason = changes.pop("reason", None)
    contract = await handlers.correct(context, contract_id, changes, reason, expected_version, by=caller.id)
    return await answer(context, response, contract)


@routes.get("/contracts/{contract_id}/corrections")
@raises(ContractNotFound)
async def list_contract_corrections(
    contract_id: ContractId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[CorrectionOut]:
    """What was put right of a contract, by whom and why, the latest first."""
    read = partial(queries.corrections, context, contract_id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"contract_id": contract_id}, read, CorrectionOut.of)


@routes.post("/contracts/{contract_id}/withdrawal")
@raises(ContractNotFound)
async def withdraw_contract(
    contract_id: ContractId, context: Injected[Context], caller: Caller, response: Response
) -> ContractOut:
    """Takes back a contract that was entered by mistake; it is in nobody's way any longer."""
    return await answer(context, response, await handlers.withdraw(context, contract_id, by=caller.id))


async def answer(context: Context, response: Response, contract: Contract) -> ContractOut:
    set_etag(response, contract.version)
    return ContractOut.of(await queries.written(context, contract.id), context.today())
