"""Who pays how much, in the database: by the shares of a case, and of each penalty."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.response_clocks.domain.chain import Colleague
from services.complaints.response_clocks.store import people_around
from services.complaints.responsibility.domain.shares import Belonging, Part, PayerShare
from services.complaints.responsibility.tables import CaseShareRow, PenaltyShareRow
from shared import directory
from shared.db import Connection
from shared.statement import Reader, Statement, any_given, by_column, insert_many, table
from shared.succession import at_work

_FIELDS = tuple(field.name for field in fields(PayerShare))
COLUMNS = (*_FIELDS, "place")
_values = attrgetter(*_FIELDS)
MANY = 500
"""From so many on COPY costs less than arrays."""

_OF_CASES = Statement(
    select(col(CaseShareRow.complaint_id), col(CaseShareRow.staff_id), col(CaseShareRow.parts))
    .where(col(CaseShareRow.complaint_id) == any_given("ids", Uuid))
    .order_by(col(CaseShareRow.complaint_id), col(CaseShareRow.staff_id))
)
_ACCOUNTABLE = Statement(
    select(col(ComplaintRow.id), col(ComplaintRow.accountable_id)).where(
        col(ComplaintRow.id) == any_given("ids", Uuid), col(ComplaintRow.accountable_id).is_not(None)
    )
)
_FORGET = Statement("DELETE FROM case_share WHERE complaint_id = :complaint_id")
_FORGET_OLDER = Statement(
    "DELETE FROM case_share WHERE complaint_id = :complaint_id AND set_at <= :at RETURNING staff_id, parts"
)
_SET = Statement(insert_many(CaseShareRow, "complaint_id", "staff_id", "parts", "set_by", "set_at"))
_OF_PENALTIES = Statement(
    select(*(table(PenaltyShareRow).c[name] for name in _FIELDS))
    .where(col(PenaltyShareRow.penalty_id) == any_given("ids", Uuid))
    .order_by(col(PenaltyShareRow.penalty_id), col(PenaltyShareRow.place)),
    PayerShare,
)
_CLEAR = Statement("DELETE FROM penalty_share WHERE penalty_id = ANY(:ids::uuid[])")
_KEEP = Statement(insert_many(PenaltyShareRow, *COLUMNS))


async def of_cases(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[Part]]:
    """The shares of each of these cases that administration has set; the others are not in it."""
    found: dict[UUID, list[Part]] = {}
    for row in await _OF_CASES.all(reader, ids=list(ids)):
        found.setdefault(row["complaint_id"], []).append(Part(row["staff_id"], row["parts"]))
    return found


async def accountable_in(reader: Reader, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Whom each of these cases is against; those that are against nobody yet are not in it."""
    return {row["id"]: row["accountable_id"] for row in await _ACCOUNTABLE.all(reader, ids=list(ids))}


async def set_of_case(transaction: Connection, id_: UUID, parts: Sequence[Part], by: UUID, at: datetime) -> None:
    """Writes the shares of a held case anew."""
    await _FORGET.execute(transaction, complaint_id=id_)
    rows = ({"staff_id": each.staff_id, "parts": each.parts} for each in parts)
    await _SET.execute(
        transaction, **by_column({**row, "complaint_id": id_, "set_by": by, "set_at": at} for row in rows)
    )


async def forget_of_case(transaction: Connection, id_: UUID, at: datetime) -> list[Part]:
    """Takes away the shares of a held case that were set by a moment; returns what they were."""
    rows = await _FORGET_OLDER.all(transaction, complaint_id=id_, at=at)
    return [Part(row["staff_id"], row["parts"]) for row in rows]


async def of_penalties(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[PayerShare]]:
    """What each pays of each of these penalties, whom it is against first."""
    found: dict[UUID, list[PayerShare]] = {id_: [] for id_ in ids}
    for share in await _OF_PENALTIES.all(reader, ids=list(ids)):
        found[share.penalty_id].append(share)
    return found


async def keep(transaction: Connection, ids: Collection[UUID], shares: Iterable[PayerShare]) -> None:
    """Writes anew what is paid of these held penalties."""
    await _CLEAR.execute(transaction, ids=list(ids))
    places: dict[UUID, int] = {}
    rows = []
    for each in shares:
        place = places[each.penalty_id] = places.get(each.penalty_id, -1) + 1
        rows.append((*_values(each), place))
    if len(rows) >= MANY:
        await transaction.copy_records_to_table("penalty_share", records=rows, columns=COLUMNS)
    elif rows:
        await _KEEP.execute(transaction, **dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))


async def belonging(reader: Reader, ids: Iterable[UUID | None]) -> dict[UUID, Belonging]:
    """Where these people belong, and those who supervise them; who is not listed is not in it.

    A supervisor who left is followed by their successor, else by whoever supervises them (decision 17).
    """
    named = {each for each in ids if each is not None}
    listed = await directory.staff(reader, list(named))
    above = {member.supervisor_id for member in listed.values() if member.supervisor_id is not None}
    listed |= await directory.staff(reader, list(above - listed.keys())) if above - listed.keys() else {}
    left = {id_ for id_ in above if id_ in listed and not listed[id_].active}
    instead = await _instead(reader, left) if left else {}
    followers = {id_ for id_ in instead.values() if id_ is not None} - listed.keys()
    listed |= await directory.staff(reader, list(followers)) if followers else {}
    return {
        id_: Belonging(member.department_id, instead.get(member.supervisor_id, member.supervisor_id), member.role)
        for id_, member in listed.items()
    }


async def _instead(reader: Reader, left: Collection[UUID]) -> dict[UUID | None, UUID | None]:
    """Who stands in for each of these supervisors who left; None where nobody above them is at work."""
    around = await people_around(reader, left)
    return {id_: _above(around, id_) for id_ in left}


def _above(around: Mapping[UUID, Colleague], id_: UUID | None) -> UUID | None:
    met: set[UUID] = set()
    while id_ is not None and id_ not in met:
        met.add(id_)
        found = at_work(around, id_)
        if found is not None:
            return found
        id_ = around[id_].supervisor_id
    return None
