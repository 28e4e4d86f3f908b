"""Beginning and closing campaigns, and which contracts are in them."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.customers.campaigns import store
from services.customers.campaigns.domain import (
    Campaign,
    CampaignNotFound,
    CampaignNotSeen,
    NotInCampaign,
    UnknownContract,
)
from services.customers.context import Context
from shared import audit
from shared.db import Connection
from shared.ids import new_id
from shared.versions import ANY_VERSION, check_version


async def begin(
    context: Context, name: str, reason: str, contracts: Sequence[UUID], *, by: UUID, viewer: UUID | None
) -> UUID:
    """Begins a campaign; its id. Raises UnknownContract."""
    now, id_ = context.clock.now(), new_id()
    campaign = Campaign(id_, 1, name, context.words.seal(reason.encode(), id_.bytes), now, by, None, None)
    async with context.database.transaction() as transaction:
        await store.add(transaction, campaign)
        await _put(context, transaction, id_, contracts, by, viewer)
        await audit.enter(transaction, by, "campaign.begun", id_)
    return id_


async def put(context: Context, id_: UUID, contracts: Sequence[UUID], *, by: UUID, viewer: UUID | None) -> None:
    """Puts contracts into a campaign; those that are in it stay. Raises CampaignNotFound, CampaignClosed,
    UnknownContract."""
    async with context.database.transaction() as transaction:
        campaign = await _open(transaction, id_)
        if await _put(context, transaction, id_, contracts, by, viewer):
            await store.save(transaction, replace(campaign, version=campaign.version + 1))


async def take_out(context: Context, id_: UUID, contract_id: UUID, *, by: UUID, viewer: UUID | None) -> None:
    """Takes a contract out of a campaign; its procedure goes on or not, as before.

    Raises CampaignNotFound, CampaignClosed, NotInCampaign.
    """
    async with context.database.transaction() as transaction:
        campaign = await _open(transaction, id_)
        if not await store.take_out(transaction, id_, contract_id, viewer=viewer):
            raise NotInCampaign("read its list: GET /customers/v1/campaigns/{id}/contracts")
        await store.save(transaction, replace(campaign, version=campaign.version + 1))
        await audit.enter(transaction, by, "campaign.contract_removed", contract_id)


async def close(context: Context, id_: UUID, expected_version: int | None, *, by: UUID, viewer: UUID | None) -> None:
    """Closes a campaign: its list stays, and no contract ends by it; again it changes nothing. `expected_version` is
    what was read, where that was said. It takes who began it, or sees a contract of it.

    Raises CampaignNotFound, CampaignNotSeen, Stale.
    """
    async with context.database.transaction() as transaction:
        campaign = await _held(transaction, id_)
        if campaign.started_by != by and not await store.sees(transaction, id_, viewer=viewer):
            raise CampaignNotSeen("it has no contract of a customer whom you see")
        if campaign.closed_at is None:
            check_version(campaign.version, ANY_VERSION if expected_version is None else expected_version)
            closed = replace(campaign, version=campaign.version + 1, closed_at=context.clock.now(), closed_by=by)
            await store.save(transaction, closed)
            await audit.enter(transaction, by, "campaign.closed", id_)


async def _put(
    context: Context, transaction: Connection, id_: UUID, contracts: Sequence[UUID], by: UUID, viewer: UUID | None
) -> bool:
    """Whether one of them is new."""
    known = await store.standing(transaction, contracts, context.today(), viewer=viewer)
    for place, each in enumerate(contracts):
        if each not in known:
            raise UnknownContract("no contract that holds or is to hold has this id", pointer=f"#/contracts/{place}")
    added = await store.put(transaction, id_, contracts, at=context.clock.now(), by=by)
    await audit.enter_many(transaction, by, "campaign.contract_added", added)
    return bool(added)


async def _open(transaction: Connection, id_: UUID) -> Campaign:
    campaign = await _held(transaction, id_)
    campaign.check_open()
    return campaign


async def _held(transaction: Connection, id_: UUID) -> Campaign:
    found = await store.locked(transaction, id_)
    if found is None:
        raise CampaignNotFound("no campaign has this id")
    return found
