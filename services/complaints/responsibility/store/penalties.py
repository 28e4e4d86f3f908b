"""Penalties in the database, and what they need to know of their cases."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.responsibility.domain.penalties import Basis, Penalty, PenaltyState
from services.complaints.responsibility.tables import PenaltyRow, ProposingRow
from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, any_given, by_column, table, upsert_many

FIELDS = tuple(field.name for field in fields(Penalty))


def penalty_of(state: str, **row: Any) -> Penalty:
    return Penalty(state=PenaltyState(state), **row)


_BASES = Statement(
    select(*(table(ComplaintRow).c[field.name] for field in fields(Basis)))
    .where(col(ComplaintRow.id) == any_given("ids", Uuid))
    .order_by(col(ComplaintRow.id))
    .with_for_update(key_share=True),
    Basis,
)
_TOLD_FIRST = Statement(
    """
    SELECT DISTINCT ON (complaint_id, round) complaint_id, round, staff_id FROM breach
    WHERE complaint_id = ANY(:ids::uuid[]) AND staff_id IS NOT NULL ORDER BY complaint_id, round, level
    """
)
"""By hand, for DISTINCT ON: the lowest level of each round's breach that reached somebody."""
_OF_CASES = Statement(
    select(*(table(PenaltyRow).c[name] for name in FIELDS)).where(
        col(PenaltyRow.complaint_id) == any_given("ids", Uuid)
    ),
    penalty_of,
)
_KEEP = Statement(upsert_many(PenaltyRow, *FIELDS))
_SINCE = Scalar(select(col(ProposingRow.since)), UUID)


async def hold_bases(transaction: Connection, ids: Collection[UUID]) -> dict[UUID, Basis]:
    """The cases among `ids` that are there, held in the order of their ids."""
    return {basis.id: basis for basis in await _BASES.all(transaction, ids=sorted(ids))}


async def told_first(reader: Reader, ids: Collection[UUID]) -> dict[tuple[UUID, int], UUID]:
    """By case and round: who was told first that its answer is late."""
    rows = await _TOLD_FIRST.all(reader, ids=list(ids))
    return {(row["complaint_id"], row["round"]): row["staff_id"] for row in rows}


async def of_cases(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[Penalty]]:
    """Every penalty of these cases, by case."""
    found: dict[UUID, list[Penalty]] = {id_: [] for id_ in ids}
    for penalty in await _OF_CASES.all(reader, ids=list(ids)):
        found[penalty.complaint_id].append(penalty)
    return found


async def keep(transaction: Connection, penalties: Sequence[Penalty]) -> None:
    """Writes penalties of held cases as they are now."""
    await _KEEP.execute(transaction, **by_column(map(asdict, penalties)))


async def since(reader: Reader) -> UUID:
    """The event of our own log after which rules propose; what is older is the past."""
    found = await _SINCE.one(reader)
    return found or UUID(int=2**128 - 1)
