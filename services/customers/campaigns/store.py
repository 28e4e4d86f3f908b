"""Campaigns in the database."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.customers.campaigns.domain import Campaign
from services.customers.campaigns.tables import CampaignRow
from services.customers.heads.store.visibility import sees as seen_by
from shared.db import Connection
from shared.statement import Scalar, Statement, given, insert_one, table, upsert_many

FIELDS = tuple(field.name for field in fields(Campaign))
CAMPAIGNS = select(*(table(CampaignRow).c[name] for name in FIELDS))
_ADD = Statement(insert_one(CampaignRow, *FIELDS))
_SAVE = Statement(upsert_many(CampaignRow, *FIELDS))
_LOCK = Statement(CAMPAIGNS.where(col(CampaignRow.id) == given("id")).with_for_update(), Campaign)
_STANDING = Scalar(
    """
    SELECT c.id FROM contract c
    WHERE c.id = ANY(:ids::uuid[]) AND c.withdrawn_at IS NULL AND (c.ends_on IS NULL OR c.ends_on > :today::date)
        AND {seen}
    """,
    UUID,
    seen=seen_by("c.customer_id"),
)
"""By hand: the contracts that somebody sees and that have not ended."""
_PUT = Scalar(
    """
    INSERT INTO campaign_contract (campaign_id, contract_id, added_at, added_by)
    SELECT :campaign_id::uuid, id, :at::timestamptz, :by::uuid FROM unnest(:ids::uuid[]) AS asked (id)
    ON CONFLICT DO NOTHING RETURNING contract_id
    """,
    UUID,
)
"""By hand: those that are new."""
_TAKE_OUT = Scalar(
    """
    DELETE FROM campaign_contract cc USING contract c
    WHERE cc.campaign_id = :campaign_id AND cc.contract_id = :contract_id AND c.id = cc.contract_id AND {seen}
    RETURNING cc.contract_id
    """,
    UUID,
    seen=seen_by("c.customer_id"),
)


_SEES = Scalar(
    """
    SELECT EXISTS (
        SELECT FROM campaign_contract cc JOIN contract c ON c.id = cc.contract_id WHERE cc.campaign_id = :id AND {seen})
    """,
    bool,
    seen=seen_by("c.customer_id"),
)


async def add(transaction: Connection, campaign: Campaign) -> None:
    await _ADD.execute(transaction, **asdict(campaign))


async def save(transaction: Connection, campaign: Campaign) -> None:
    """Writes a held campaign as it stands."""
    await _SAVE.execute(transaction, **{name: [value] for name, value in asdict(campaign).items()})


async def locked(transaction: Connection, id_: UUID) -> Campaign | None:
    """A campaign, held until the transaction ends."""
    return await _LOCK.one(transaction, id=id_)


async def standing(transaction: Connection, ids: Sequence[UUID], today: date, *, viewer: UUID | None) -> set[UUID]:
    """Those of these contracts that have not ended and that the viewer sees."""
    return set(await _STANDING.all(transaction, ids=list(ids), today=today, viewer=viewer))


async def put(transaction: Connection, campaign_id: UUID, ids: Sequence[UUID], *, at: datetime, by: UUID) -> list[UUID]:
    """Puts contracts into a held campaign; returns those that were not in it."""
    return await _PUT.all(transaction, campaign_id=campaign_id, ids=list(ids), at=at, by=by)


async def take_out(transaction: Connection, campaign_id: UUID, contract_id: UUID, *, viewer: UUID | None) -> bool:
    """Takes a contract out of a held campaign; False where it is not in it, or is not seen."""
    values = {"campaign_id": campaign_id, "contract_id": contract_id, "viewer": viewer}
    return await _TAKE_OUT.one(transaction, **values) is not None


async def sees(transaction: Connection, id_: UUID, *, viewer: UUID | None) -> bool:
    """Whether somebody sees the customer of one of its contracts; who sees everybody sees every campaign."""
    return viewer is None or await _SEES.only(transaction, id=id_, viewer=viewer)
