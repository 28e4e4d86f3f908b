"""What is kept of customers: that they exist, their tier, and who serves them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, and_, func, literal_column, or_, select
from sqlmodel import col

from services.complaints.customers.domain import rank_of, tier_of
from services.complaints.customers.tables import CustomerRefRow
from shared import aliases
from shared.contracts.customers import Tier
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, excluded, given, insert_many, table

_NOBODY = literal_column("'{}'::uuid[]", table(CustomerRefRow).c.team.type)
_RANKED = insert_many(CustomerRefRow, "id", "tier_rank", ordered_by=["id"], team=_NOBODY)
_NEW = excluded(CustomerRefRow)
_NEW_RANK = {"tier_rank": _NEW.tier_rank}
_RANK_UNKNOWN = and_(col(CustomerRefRow.tier_rank).is_(None), _NEW.tier_rank.is_not(None))
_SINCE_ANOTHER_DAY = and_(
    _NEW.registered_at.is_not(None), col(CustomerRefRow.registered_at).is_distinct_from(_NEW.registered_at)
)
KEEP_CUSTOMERS = Statement(
    insert_many(
        CustomerRefRow, "id", "tier_rank", "registered_at", ordered_by=["id"], team=_NOBODY
    ).on_conflict_do_update(
        index_elements=["id"],
        set_={
            "tier_rank": func.coalesce(col(CustomerRefRow.tier_rank), _NEW.tier_rank),
            "registered_at": func.coalesce(_NEW.registered_at, col(CustomerRefRow.registered_at)),
        },
        where=or_(_RANK_UNKNOWN, _SINCE_ANOTHER_DAY),
    )
)
"""Hears of customers; a tier that a later event has said already stays."""
KEEP_TIERS = Statement(_RANKED.on_conflict_do_update(index_elements=["id"], set_=_NEW_RANK))
KEEP_TEAMS = Statement(
    """
    INSERT INTO customer_ref (id, specialist_id, team)
    SELECT id, specialist_id, team::uuid[]
    FROM unnest(:id::uuid[], :specialist_id::uuid[], :team::text[]) AS given(id, specialist_id, team) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET specialist_id = EXCLUDED.specialist_id, team = EXCLUDED.team
    """
)
"""Keeps who serves the customers. By hand: a team is an array, which unnest would flatten, so it comes as text."""
_HOLD = Scalar(
    select(col(CustomerRefRow.id))
    .where(col(CustomerRefRow.id) == any_given("ids", Uuid))
    .order_by(col(CustomerRefRow.id))
    .with_for_update(),
    UUID,
)
_FOLLOW = Statement(
    """
    INSERT INTO customer_ref AS m (id, tier_rank, specialist_id, team)
    SELECT a.id, k.tier_rank, k.specialist_id, k.team
    FROM customer_alias a JOIN customer_ref k ON k.id = a.kept_id
    WHERE a.into_id IS NOT NULL AND a.kept_id IN (
        SELECT kept_id FROM customer_alias WHERE id = ANY(:ids::uuid[]) AND into_id IS NOT NULL) ORDER BY a.id
    ON CONFLICT (id) DO UPDATE
    SET tier_rank = EXCLUDED.tier_rank, specialist_id = EXCLUDED.specialist_id, team = EXCLUDED.team
    """
)
"""By hand: from one row to others, by a table that stands in every service."""
_OF_ONE = col(CustomerRefRow.id) == given("id")
_STANDING = select(col(CustomerRefRow.id)).where(_OF_ONE, col(CustomerRefRow.erased_at).is_(None))
_KNOWN = Scalar(_STANDING, UUID)
_HOLD_KNOWN = Scalar(_STANDING.with_for_update(read=True), UUID)
KEEP_GONE = Statement(
    insert_many(CustomerRefRow, "id", "erased_at", team=_NOBODY).on_conflict_do_update(
        index_elements=["id"], set_={"erased_at": _NEW.erased_at}
    )
)
_ERASED = Scalar(
    select(col(CustomerRefRow.id)).where(
        col(CustomerRefRow.id) == any_given("ids", Uuid), col(CustomerRefRow.erased_at).is_not(None)
    ),
    UUID,
)
_TURNS = "FROM (SELECT hashtextextended('erased:' || id, 0) AS key FROM unnest(:ids::uuid[]) AS id ORDER BY 1) AS turns"
_SHARE_TURNS = Statement("SELECT pg_advisory_xact_lock_shared(key) {turns}", turns=_TURNS)
_TAKE_TURNS = Statement("SELECT pg_advisory_xact_lock(key) {turns}", turns=_TURNS)
"""By hand: whose contact comes before all else that is told of them has no row yet that could be held."""
_REGISTERED_AT = Scalar(select(col(CustomerRefRow.registered_at)).where(_OF_ONE), datetime)
_TIER_RANK = Scalar(select(col(CustomerRefRow.tier_rank)).where(_OF_ONE).with_for_update(read=True), int)


_RANKS = Statement(
    select(col(CustomerRefRow.id), col(CustomerRefRow.tier_rank)).where(
        col(CustomerRefRow.id) == any_given("ids", Uuid), col(CustomerRefRow.tier_rank).is_not(None)
    )
)


def team_row(customer_id: UUID, team: Mapping[str, UUID]) -> dict[str, object]:
    """What KEEP_TEAMS is given of a customer."""
    return {
        "id": customer_id,
        "specialist_id": team.get("cs_specialist"),
        "team": "{" + ",".join(str(member) for member in team.values()) + "}",
    }


async def follow(transaction: Connection, merged: Collection[UUID]) -> None:
    """Gives customers who were merged, and those behind them, tier and team of who is kept in the end; all are held."""
    same = await aliases.together(transaction, merged)
    await _HOLD.all(transaction, ids=sorted({id_ for ids in same.values() for id_ in ids}))
    await _FOLLOW.execute(transaction, ids=list(merged))


async def keep_tiers(transaction: Connection, tiers: Mapping[UUID, Tier]) -> None:
    if tiers:
        ranks = [rank_of(tier) for tier in tiers.values()]
        await KEEP_TIERS.execute(transaction, id=list(tiers), tier_rank=ranks)


async def ranks(reader: Reader, ids: Collection[UUID]) -> dict[UUID, int]:
    """The tiers of customers, as far as they are known."""
    return {row["id"]: row["tier_rank"] for row in await _RANKS.all(reader, ids=list(ids))}


async def known(reader: Reader, id_: UUID) -> UUID | None:
    """The customer's id, when they have been heard of, and were not erased."""
    return await _KNOWN.one(reader, id=id_)


async def hold_known(transaction: Connection, id_: UUID) -> UUID | None:
    """The same, held so that they are not erased before the transaction ends."""
    return await _HOLD_KNOWN.one(transaction, id=id_)


async def erase(transaction: Connection, ids: Collection[UUID], at: datetime) -> None:
    """Holds customers under all their ids and says that they were erased: no case of theirs is recorded any more."""
    await _TAKE_TURNS.execute(transaction, ids=list(ids))
    await KEEP_GONE.execute(transaction, id=sorted(ids), erased_at=[at] * len(ids))


async def erased(transaction: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Those of the customers who were erased; none of the others is before the transaction ends."""
    await _SHARE_TURNS.execute(transaction, ids=list(ids))
    return set(await _ERASED.all(transaction, ids=list(ids)))


async def registered_at(reader: Reader, id_: UUID) -> datetime | None:
    """Since when the store is a customer; None where nobody has told."""
    return await _REGISTERED_AT.one(reader, id=id_)


async def present_tier(transaction: Connection, id_: UUID | None) -> Tier | None:
    """The customer's tier now; the row is held so that it does not change before the case is saved."""
    rank = await _TIER_RANK.one(transaction, id=id_)
    return tier_of(rank) if rank is not None else None
