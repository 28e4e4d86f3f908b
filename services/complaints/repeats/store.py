"""Groups of cases that repeat each other, in the database."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.repeats.domain import LISTED, Group, Listed, Member, Named, Place, Recorded, Repeated
from services.complaints.repeats.tables import RepeatRow
from services.complaints.responsibility.domain.penalties import PenaltyState
from services.complaints.rulebook.domain.names import folded
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Reader, Statement, any_given, by_column, table, upsert_many

_RECORDED = ("id", "kind", "subject", "against_type", "against_id", "recorded_at", "words")
_CASES = Statement(
    select(*(table(ComplaintRow).c[name] for name in _RECORDED)).where(col(ComplaintRow.id) == any_given("ids", Uuid))
)
_GROUPS = Statement(
    select(col(RepeatRow.subject), col(RepeatRow.party), col(RepeatRow.month)).where(
        col(RepeatRow.complaint_id) == any_given("ids", Uuid)
    ),
    Group,
)
_LISTED = Statement(
    """
    WITH bearer AS (
        SELECT 'person' AS type, id, name FROM directory_staff
        UNION ALL SELECT 'department', id, name FROM directory_department
    )
    SELECT type, id, name FROM bearer
    WHERE lower(regexp_replace(normalize(name, NFKC), '\\s', '', 'g')) = ANY(:names::text[])
    """
)
"""By hand: names as they are folded, which the database does nearly as the domain, so that few of them are read."""
_STANDING = Statement(
    """
    SELECT r.complaint_id
    FROM unnest(:subject::text[], :party::bytea[], :month::integer[]) AS asked(subject, party, month)
        JOIN repeat_case r USING (subject, party, month)
    """
)
"""By hand: several groups at once."""
_LOCK = Statement("SELECT pg_advisory_xact_lock(key) FROM (SELECT unnest(:keys::bigint[]) AS key) AS keys")
"""By hand: nothing else stands for a group in which there is no case yet."""
_KEEP = Statement(
    upsert_many(RepeatRow, "complaint_id", "subject", "party", "month", "recorded_at", key=("complaint_id",))
)
_LEAVE = Statement("DELETE FROM repeat_case WHERE complaint_id = ANY(:ids::uuid[])")
_MEMBER = """
c.id AS complaint_id, c.recorded_at, c.registered_at, c.taken_over,
(c.valid IS NOT FALSE AND c.good_faith IS NOT FALSE) AS counts,
coalesce(c.repeat_count, 1) AS count, c.repeat_of AS of, p.state AS penalty
"""
_ITS_PENALTY = "LEFT JOIN penalty p ON p.complaint_id = c.id AND p.round = 1 AND p.rule = 'repeat'"
_MEMBERS = Statement(
    """
    SELECT r.subject, r.party, r.month, {member}
    FROM unnest(:subject::text[], :party::bytea[], :month::integer[]) AS asked(subject, party, month)
        JOIN repeat_case r USING (subject, party, month)
        JOIN complaint c ON c.id = r.complaint_id {its_penalty}
    """,
    member=_MEMBER,
    its_penalty=_ITS_PENALTY,
)
"""By hand: several groups at once, each with what its cases say of themselves now."""
_ALONE = Statement(
    "SELECT {member} FROM complaint c {its_penalty} WHERE c.id = ANY(:ids::uuid[])",
    member=_MEMBER,
    its_penalty=_ITS_PENALTY,
)
_HOLD = Statement(
    select(col(ComplaintRow.id))
    .where(col(ComplaintRow.id) == any_given("ids", Uuid))
    .order_by(col(ComplaintRow.id))
    .with_for_update()
)
"""As strong as giving cases out holds them afterwards: what is held is not held anew more strongly."""
_MOVE = Statement(
    """
    UPDATE complaint c SET repeat_count = moved.count, repeat_of = moved.of, version = c.version + 1
    FROM unnest(:id::uuid[], :count::smallint[], :of::uuid[]) AS moved(id, count, of)
    WHERE c.id = moved.id
    RETURNING c.id, c.number, c.customer_id, c.round, c.version, c.taken_over, c.repeat_count AS count,
        c.repeat_of AS of, CASE WHEN c.noticed_at IS NULL THEN c.responsible_id ELSE c.accountable_id END AS staff_id
    """,
    Repeated,
)
"""By hand: the next version of each, and whom it concerns now (decision 17)."""


async def recorded(reader: Reader, ids: Collection[UUID], words: Vault) -> list[Recorded]:
    """The cases among `ids` that are there, with the names that they are against."""
    return [_recorded(words, **dict(row.items())) for row in await _CASES.all(reader, ids=list(ids))]


def _recorded(vault: Vault, *, words: bytes, **row: Any) -> Recorded:
    named = row["against_type"] is not None and row["against_id"] is None
    against = orjson.loads(vault.open(words, row["id"].bytes))["against"] if named else None
    return Recorded(**row, against=against)


async def listed(reader: Reader, names: Collection[Named]) -> Listed:
    """Whom these names mean, as far as one person, or one department, bears them alone."""
    asked = {each.name for each in names if each.type in LISTED}
    rows = await _LISTED.all(reader, names=list(asked)) if asked else []
    bearers: dict[Named, list[UUID]] = {}
    for row in rows:
        bearers.setdefault(Named(row["type"], folded(row["name"])), []).append(row["id"])
    return {name: found[0] for name, found in bearers.items() if len(found) == 1}


async def standing_in(reader: Reader, groups: Collection[Group]) -> set[UUID]:
    """The cases that stand in these groups."""
    if not groups:
        return set()
    rows = await _STANDING.all(reader, **by_column(group._asdict() for group in groups))
    return {row["complaint_id"] for row in rows}


async def groups_of(reader: Reader, ids: Collection[UUID]) -> set[Group]:
    """The groups in which these cases stand."""
    return set(await _GROUPS.all(reader, ids=list(ids)))


async def hold(transaction: Connection, groups: Iterable[Group]) -> None:
    """Lets nobody else count these groups until the transaction ends."""
    if keys := sorted({group.lock for group in groups}):
        await _LOCK.execute(transaction, keys=keys)


async def hold_cases(transaction: Connection, ids: Collection[UUID]) -> None:
    """Holds cases in the order of their ids, all that a transaction concerns at once."""
    await _HOLD.all(transaction, ids=sorted(ids))


async def join(transaction: Connection, members: Sequence[tuple[Recorded, Group]]) -> None:
    """Puts cases into their groups."""
    rows = [
        {
            "complaint_id": case.id,
            "subject": group.subject,
            "party": group.party,
            "month": group.month,
            "recorded_at": case.recorded_at,
        }
        for case, group in members
    ]
    if rows:
        await _KEEP.execute(transaction, **by_column(rows))


async def leave(transaction: Connection, ids: Collection[UUID]) -> None:
    """Takes cases out of their groups."""
    await _LEAVE.execute(transaction, ids=list(ids))


async def members(reader: Reader, groups: Iterable[Group]) -> dict[Group, list[Member]]:
    """The cases of each group, as they stand."""
    found: dict[Group, list[Member]] = {group: [] for group in groups}
    if not found:
        return found
    rows = await _MEMBERS.all(reader, **by_column(group._asdict() for group in found))
    for row in rows:
        fields = dict(row.items())
        group = Group(fields.pop("subject"), fields.pop("party"), fields.pop("month"))
        found[group].append(_member(**fields))
    return found


async def alone(reader: Reader, ids: Collection[UUID]) -> list[Member]:
    """Cases that are in no group, as they stand."""
    return [_member(**dict(row.items())) for row in await _ALONE.all(reader, ids=list(ids))]


def _member(*, penalty: str | None, **fields: Any) -> Member:
    return Member(**fields, penalty=PenaltyState(penalty) if penalty else None)


async def move(transaction: Connection, moved: Sequence[Place]) -> list[Repeated]:
    """Writes what held cases should say of themselves, each in its next version."""
    rows = ({"id": place.member.complaint_id, "count": place.count, "of": place.of} for place in moved)
    return await _MOVE.all(transaction, **by_column(rows))
