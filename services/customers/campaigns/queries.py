"""Reading campaigns with their progress, and how far each contract in them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col

from services.customers.campaigns.domain import Campaign, CampaignNotFound, Progress
from services.customers.campaigns.store import CAMPAIGNS
from services.customers.campaigns.tables import CampaignRow
from services.customers.context import Context
from services.customers.contracts import queries as contracts
from services.customers.contracts.queries import ReadContract
from services.customers.heads.store.visibility import sees
from shared.ids import FROM_THE_END
from shared.statement import Statement, given

_ONE = Statement(CAMPAIGNS.where(col(CampaignRow.id) == given("id")), Campaign)
_PAGE = Statement(
    CAMPAIGNS.where(col(CampaignRow.id) < given("before")).order_by(col(CampaignRow.id).desc()).limit(given("most")),
    Campaign,
)
_PROGRESS = Statement(
    """
    SELECT campaign_id, count(*) AS contracts,
        count(*) FILTER (WHERE steps = 0) AS not_begun,
        count(*) FILTER (WHERE steps = 1) AS confirm,
        count(*) FILTER (WHERE steps = 2) AS approve,
        count(*) FILTER (WHERE steps = 3) AS letter,
        count(*) FILTER (WHERE steps = 4) AS aftercare,
        count(*) FILTER (WHERE ends_on <= :today::date) AS over,
        count(*) FILTER (WHERE withdrawn_at IS NOT NULL) AS withdrawn
    FROM (
        SELECT cc.campaign_id, c.ends_on, c.withdrawn_at,
            (SELECT count(*) FROM contract_step s WHERE s.contract_id = c.id) AS steps
        FROM campaign_contract cc JOIN contract c ON c.id = cc.contract_id
        WHERE cc.campaign_id = ANY(:campaigns::uuid[]) AND {seen}
    ) AS counted
    GROUP BY campaign_id
    """,
    seen=sees("c.customer_id"),
)
"""By hand: no step is skipped, so how many were done says which was the last."""
_IN = Statement(
    """
    SELECT cc.contract_id, cc.added_at, cc.added_by
    FROM campaign_contract cc JOIN contract c ON c.id = cc.contract_id
    WHERE cc.campaign_id = :id AND cc.contract_id < :before AND {seen}
    ORDER BY cc.contract_id DESC LIMIT :most
    """,
    seen=sees("c.customer_id"),
)


@dataclass(frozen=True, slots=True)
class ReadCampaign:
    """A campaign with its reason, and the progress of the contracts that the reader sees."""

    campaign: Campaign
    reason: str
    progress: Progress

    @property
    def id(self) -> UUID:
        return self.campaign.id


@dataclass(frozen=True, slots=True)
class InCampaign:
    """A contract in a campaign."""

    read: ReadContract
    added_at: datetime
    added_by: UUID

    @property
    def id(self) -> UUID:
        return self.read.id


async def read(context: Context, id_: UUID, *, viewer: UUID | None) -> ReadCampaign:
    """Raises CampaignNotFound."""
    found = await _ONE.one(context.database, id=id_)
    if found is None:
        raise CampaignNotFound("no campaign has this id")
    return (await _whole(context, [found], viewer))[0]


async def page(context: Context, before: UUID | None, most: int, *, viewer: UUID | None) -> list[ReadCampaign]:
    """Campaigns, the latest first."""
    found = await _PAGE.all(context.database, before=before or FROM_THE_END, most=most)
    return await _whole(context, found, viewer)


async def contracts_in(
    context: Context, id_: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[InCampaign]:
    """The contracts of a campaign that the viewer sees, the latest signed first. Raises CampaignNotFound."""
    await read(context, id_, viewer=viewer)
    rows = await _IN.all(context.database, id=id_, before=before or FROM_THE_END, most=most, viewer=viewer)
    found = await contracts.among(context, [row["contract_id"] for row in rows], viewer=viewer)
    return [
        InCampaign(found[row["contract_id"]], row["added_at"], row["added_by"])
        for row in rows
        if row["contract_id"] in found
    ]


async def _whole(context: Context, found: Sequence[Campaign], viewer: UUID | None) -> list[ReadCampaign]:
    counted = await _progress(context, [each.id for each in found], viewer)
    return [
        ReadCampaign(each, context.words.open(each.reason, each.id.bytes).decode(), counted.get(each.id, Progress()))
        for each in found
    ]


async def _progress(context: Context, ids: Sequence[UUID], viewer: UUID | None) -> Mapping[UUID, Progress]:
    rows = await _PROGRESS.all(context.database, campaigns=list(ids), today=context.today(), viewer=viewer)
    counted = [dict(row) for row in rows]
    return {row.pop("campaign_id"): Progress(**row) for row in counted}
