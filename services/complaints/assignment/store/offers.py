"""Cases that are offered, and those to whom they can be."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, delete, func, select
from sqlmodel import col

from services.complaints.assignment.domain.choosing import Candidate, Offer, Wanted
from services.complaints.assignment.tables import OfferRow
from services.complaints.cases.tables import ComplaintRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, by_column, given, table

AT_ONCE: Final = 200
"""Cases that are given out in one transaction."""

_LOCK = Statement("SELECT pg_advisory_xact_lock(4018, 23)")
"""By hand: who gives cases out does so alone, or two would count the same hands."""
_CANDIDATES = Statement(
    """
    SELECT s.id, coalesce(p.skills, ARRAY[]::text[]) AS skills, p.said_by IS NOT NULL AS present,
           (SELECT count(*) FROM (
                SELECT 1 FROM complaint c
                WHERE c.responsible_id = s.id AND c.state = 'open' AND c.id <> ALL(:beside::uuid[])
                LIMIT :most_open
            ) AS in_hand) AS load
    FROM directory_staff s LEFT JOIN staff_presence p ON p.staff_id = s.id
    WHERE s.active AND s.role = 'cs_specialist' AND (p.away_since IS NULL OR p.away_until <= :now)
    """,
    lambda skills, **fields: Candidate(skills=frozenset(skills), **fields),
)
"""By hand: each one's cases are counted no farther than it matters."""
_WANTED = Statement(
    """
    SELECT id, subject, CASE WHEN against_type = 'brand' THEN against_id END AS brand_id FROM complaint
    WHERE id = ANY(:ids::uuid[])
    """,
    lambda id, **wanted: (id, Wanted(**wanted)),
)
"""By hand: a brand is one of the things that a case can be against."""
_STAND_IN = Scalar(
    """
    SELECT s.id FROM directory_staff s LEFT JOIN customer_ref c ON c.id = :customer_id
    WHERE s.active AND s.id <> ALL(:accused::uuid[])
        AND (s.role IN ('cs_manager', 'admin_dept') OR s.role = 'cs_specialist' AND s.id = c.specialist_id)
    ORDER BY s.role = 'cs_specialist' DESC, s.role = 'cs_manager' DESC, s.id = ANY(c.team) DESC NULLS LAST, s.id
    LIMIT 1
    """,
    UUID,
)
"""By hand: the team's specialist, then its customer-service manager, then any, then administration."""
_OFFERS = select(*(table(OfferRow).c[name] for name in Offer._fields))


def _offer(tried: Sequence[UUID], **fields: Any) -> Offer:
    return Offer(tried=tuple(tried), **fields)


_OF_CASES = Statement(_OFFERS.where(col(OfferRow.complaint_id) == any_given("ids", Uuid)), _offer)
_DUE = Scalar(
    select(col(OfferRow.complaint_id))
    .where(col(OfferRow.silent_at) <= given("now"))
    .order_by(col(OfferRow.silent_at))
    .limit(AT_ONCE),
    UUID,
)
_WAITING = Scalar(
    select(col(OfferRow.complaint_id))
    .join(table(ComplaintRow), col(ComplaintRow.id) == col(OfferRow.complaint_id))
    .where(col(OfferRow.staff_id).is_(None))
    .order_by(col(ComplaintRow.tier_rank), col(ComplaintRow.recorded_at), col(ComplaintRow.id))
    .limit(AT_ONCE),
    UUID,
)
_NEXT_DUE = Scalar(select(func.min(col(OfferRow.silent_at))).where(col(OfferRow.silent_at).is_not(None)), datetime)
_KEEP = Statement(
    """
    INSERT INTO case_offer (complaint_id, round, staff_id, offered_at, silent_at, tried, policy_version)
    SELECT complaint_id, round, staff_id, offered_at, silent_at, tried::uuid[], policy_version
    FROM unnest(:complaint_id::uuid[], :round::smallint[], :staff_id::uuid[], :offered_at::timestamptz[],
                :silent_at::timestamptz[], :tried::text[], :policy_version::integer[])
        AS given(complaint_id, round, staff_id, offered_at, silent_at, tried, policy_version)
    ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO UPDATE SET round = EXCLUDED.round, staff_id = EXCLUDED.staff_id,
        offered_at = EXCLUDED.offered_at, silent_at = EXCLUDED.silent_at, tried = EXCLUDED.tried,
        policy_version = EXCLUDED.policy_version
    """
)
"""By hand: whom a case was offered to is an array, which unnest would flatten, so it comes as text."""
_DROP = Statement(delete(table(OfferRow)).where(col(OfferRow.complaint_id) == any_given("ids", Uuid)))


async def alone(transaction: Connection) -> None:
    """Nobody else gives cases out until the transaction ends."""
    await _LOCK.execute(transaction)


async def candidates(transaction: Connection, now: datetime, most_open: int, beside: Sequence[UUID]) -> list[Candidate]:
    """Specialists at work who are not away, with what they have in hand beside the cases that are given out."""
    return await _CANDIDATES.all(transaction, now=now, most_open=most_open, beside=beside)


async def wanted_by(transaction: Connection, ids: Sequence[UUID]) -> dict[UUID, Wanted]:
    """What these cases ask of their handler."""
    return dict(await _WANTED.all(transaction, ids=ids))


async def stand_in(reader: Reader, customer_id: UUID | None, accused: Collection[UUID]) -> UUID | None:
    """Who handles a case that is against its handler while nobody else is free: the team's specialist, else a
    customer-service manager, else administration; None where it is against all of these."""
    return await _STAND_IN.one(reader, customer_id=customer_id, accused=list(accused))


async def of_cases(transaction: Connection, ids: Sequence[UUID]) -> dict[UUID, Offer]:
    """The offers of these cases, where they have one."""
    return {offer.complaint_id: offer for offer in await _OF_CASES.all(transaction, ids=ids)}


async def due(transaction: Connection, now: datetime) -> list[UUID]:
    """Cases in the hands of somebody who was silent for too long, the longest first."""
    return await _DUE.all(transaction, now=now)


async def waiting(transaction: Connection) -> list[UUID]:
    """Cases that wait for somebody to be free: the highest tier first, in it the oldest."""
    return await _WAITING.all(transaction)


async def next_due(reader: Reader) -> datetime | None:
    """When the next one will have been silent for too long."""
    return await _NEXT_DUE.one(reader)


async def keep(transaction: Connection, offers: Sequence[Offer]) -> None:
    if offers:
        rows = [{**offer._asdict(), "tried": "{" + ",".join(map(str, offer.tried)) + "}"} for offer in offers]
        await _KEEP.execute(transaction, **by_column(rows))


async def drop(transaction: Connection, ids: Sequence[UUID]) -> None:
    """These need nobody any more."""
    if ids:
        await _DROP.execute(transaction, ids=list(ids))
