"""Routes of campaigns."""

from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.customers.campaigns import handlers, queries
from services.customers.campaigns.domain import (
    MOST_AT_ONCE,
    CampaignClosed,
    CampaignNotFound,
    CampaignNotSeen,
    NotInCampaign,
    UnknownContract,
)
from services.customers.campaigns.queries import InCampaign, ReadCampaign
from services.customers.context import Context
from services.customers.contracts.domain.contracts import ContractState
from shared.auth.visibility import viewer
from shared.contracts.network import EndingStep
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Line, Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/customers/v1", "campaigns")

CampaignId = Annotated[UUID, Path(description="the campaign's id")]
Contracts = Annotated[
    list[UUID],
    Field(min_length=1, max_length=MOST_AT_ONCE, description="ids of contracts that have not ended"),
    AfterValidator(lambda ids: list(dict.fromkeys(ids))),
]


class CampaignIn(BaseModel):
    """Contracts that are to be ended."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(description="what the campaign is called")]
    reason: Annotated[Reason, Field(description="why the network is straightened out; kept sealed")]
    contracts: Contracts


class CampaignContractsIn(BaseModel):
    """Contracts that are put into a campaign."""

    model_config = ConfigDict(extra="forbid")

    contracts: Contracts


class ProgressOut(BaseModel):
    """How far the contracts of a campaign are that the caller sees, by the last step that was done of each."""

    model_config = ConfigDict(from_attributes=True)

    contracts: int = Field(description="how many there are")
    not_begun: int = Field(description="of how many the ending has not begun")
    confirm: int = Field(description="of how many the customer's will is confirmed, and no more")
    approve: int = Field(description="how many are approved, and no more")
    letter: int = Field(description="of how many the letter has gone out, and no more")
    aftercare: int = Field(description="of how many every step was done")
    over: int = Field(description="how many hold no more today")
    withdrawn: int = Field(description="how many turned out to have been entered by mistake")


class CampaignOut(BaseModel):
    """A campaign (强化整顿), and how far it is."""

    id: UUID = Field(description="the id of the campaign (UUIDv7)")
    version: int
    name: str = Field(description="what the campaign is called")
    reason: str = Field(description="why the network is straightened out")
    started_at: datetime = Field(description="when it began")
    started_by: UUID = Field(description="the staff id of who began it")
    closed_at: datetime | None = Field(description="when it was closed; null while it is open")
    closed_by: UUID | None = Field(description="the staff id of who closed it; null while it is open")
    progress: ProgressOut = Field(description="how far its contracts are")

    @classmethod
    def of(cls, read: ReadCampaign) -> "CampaignOut":
        each = read.campaign
        return cls(
            id=each.id,
            version=each.version,
            name=each.name,
            reason=read.reason,
            started_at=each.started_at,
            started_by=each.started_by,
            closed_at=each.closed_at,
            closed_by=each.closed_by,
            progress=ProgressOut.model_validate(read.progress),
        )


class CampaignContractOut(BaseModel):
    """A contract of a campaign, and how far its ending is."""

    contract_id: UUID
    customer_id: UUID
    customer_name: str | None = Field(description="the store's trading name; null for a person")
    brand_name: str = Field(description="what the brand is called")
    region_name: str = Field(description="what the region is called")
    state: ContractState = Field(description="how it stands today")
    step: EndingStep | None = Field(description="the last step that was done; null while its ending has not begun")
    asked_end: Day | None = Field(description="when its ending asks it to end; null while none has begun")
    ends_on: Day | None = Field(description="the first day on which it holds no more; null while none is settled")
    added_at: datetime = Field(description="when it came into the campaign")
    added_by: UUID = Field(description="the staff id of who put it there")

    @classmethod
    def of(cls, each: InCampaign, today: date) -> "CampaignContractOut":
        contract = each.read.contract
        return cls(
            contract_id=contract.id,
            customer_id=contract.customer_id,
            customer_name=each.read.customer_name,
            brand_name=each.read.brand_name,
            region_name=each.read.region_name,
            state=contract.state(today),
            step=contract.last_step,
            asked_end=contract.asked_end,
            ends_on=contract.ends_on,
            added_at=each.added_at,
            added_by=each.added_by,
        )


@routes.post("/campaigns", status_code=201)
@raises(CampaignNotFound, UnknownContract)
async def begin_campaign(
    body: CampaignIn, context: Injected[Context], caller: Caller, response: Response
) -> CampaignOut:
    """Begins a campaign. No contract ends by it: each goes through its own procedure."""
    id_ = await handlers.begin(context, body.name, body.reason, body.contracts, by=caller.id, viewer=viewer(caller))
    response.headers["Location"] = f"/customers/v1/campaigns/{id_}"
    return await _answer(context, caller, response, id_)


@routes.get("/campaigns")
async def list_campaigns(context: Injected[Context], caller: Caller, paging: Paging) -> Page[CampaignOut]:
    """Campaigns with the progress of the contracts that the caller sees, the latest first."""
    return await paging.page(BY_ID, {}, partial(queries.page, context, viewer=viewer(caller)), CampaignOut.of)


@routes.get("/campaigns/{campaign_id}")
@raises(CampaignNotFound)
async def read_campaign(
    campaign_id: CampaignId, context: Injected[Context], caller: Caller, response: Response
) -> CampaignOut:
    """A campaign, and how far it is."""
    return await _answer(context, caller, response, campaign_id)


@routes.get("/campaigns/{campaign_id}/contracts")
@raises(CampaignNotFound)
async def list_campaign_contracts(
    campaign_id: CampaignId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[CampaignContractOut]:
    """The contracts of a campaign that the caller sees, the latest signed first, with how far each is."""
    read = partial(queries.contracts_in, context, campaign_id, viewer=viewer(caller))
    return await paging.page(
        BY_ID, {"campaign_id": campaign_id}, read, lambda each: CampaignContractOut.of(each, context.today())
    )


@routes.post("/campaigns/{campaign_id}/contracts")
@raises(CampaignClosed, CampaignNotFound, UnknownContract)
async def put_into_campaign(
    campaign_id: CampaignId,
    body: CampaignContractsIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
) -> CampaignOut:
    """Puts contracts into a campaign; those that are in it already stay."""
    await handlers.put(context, campaign_id, body.contracts, by=caller.id, viewer=viewer(caller))
    return await _answer(context, caller, response, campaign_id)


@routes.delete("/campaigns/{campaign_id}/contracts/{contract_id}")
@raises(CampaignClosed, CampaignNotFound, NotInCampaign)
async def take_out_of_campaign(
    campaign_id: CampaignId,
    contract_id: Annotated[UUID, Path(description="the contract's id")],
    context: Injected[Context],
    caller: Caller,
    response: Response,
) -> CampaignOut:
    """Takes a contract out of a campaign; what was done of its ending stays."""
    await handlers.take_out(context, campaign_id, contract_id, by=caller.id, viewer=viewer(caller))
    return await _answer(context, caller, response, campaign_id)


@routes.post("/campaigns/{campaign_id}/closing")
@raises(CampaignNotFound, CampaignNotSeen)
async def close_campaign(
    campaign_id: CampaignId,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> CampaignOut:
    """Closes a campaign: its list stays as it is; again it changes nothing. With If-Match it is closed as it was read
    (412 where a contract has come or gone since)."""
    await handlers.close(context, campaign_id, expected_version, by=caller.id, viewer=viewer(caller))
    return await _answer(context, caller, response, campaign_id)


async def _answer(context: Context, caller: Caller, response: Response, id_: UUID) -> CampaignOut:
    read = await queries.read(context, id_, viewer=viewer(caller))
    set_etag(response, read.campaign.version)
    return CampaignOut.of(read)
