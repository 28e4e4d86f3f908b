"""Merges in the database: both heads held, what is one of a kind set aside, sums counted anew."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from asyncpg import Record
from sqlalchemy import Uuid, func, literal_column, select, update
from sqlmodel import col

from services.customers.archive.tables import ArchiveRow
from services.customers.heads.tables import CustomerRow
from services.customers.merged.tables import MergeRow, MovedRow
from services.customers.merging.domain import Brought, Merge
from services.customers.merging.store import places
from shared.db import Connection
from shared.key_ring import Sealer
from shared.months import Month
from shared.personal import Vault
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_one, table

_FIELDS: Final = tuple(field.name for field in fields(Merge) if field.name not in ("reason", "moved"))
_HOLD = Scalar(
    select(col(CustomerRow.id))
    .where(col(CustomerRow.id) == any_given("ids", Uuid))
    .order_by(col(CustomerRow.id))
    .with_for_update(),
    UUID,
)
_MERGES = select(*(table(MergeRow).c[name] for name in (*_FIELDS, "words", "moved")))
_STANDING = Statement(
    _MERGES.where(col(MergeRow.merged_id) == given("merged_id"), col(MergeRow.unmerged_at).is_(None)), dict[str, Any]
)
_OF = Statement(
    _MERGES.where((col(MergeRow.into_id) == given("id", Uuid)) | (col(MergeRow.merged_id) == given("id", Uuid)))
    .where(col(MergeRow.id) < given("before", Uuid))
    .order_by(col(MergeRow.id).desc())
    .limit(given("most")),
    dict[str, Any],
)
_COUNTS = Statement(
    select(col(MovedRow.merge_id), col(MovedRow.place), func.count().label("rows"))
    .where(col(MovedRow.merge_id) == any_given("ids", Uuid))
    .group_by(col(MovedRow.merge_id), col(MovedRow.place))
    .order_by(col(MovedRow.place))
)
_ADD = Statement(insert_one(MergeRow, *_FIELDS, "words", "brought"))
_END = Statement(
    update(table(MergeRow))
    .values(unmerged_at=given("at"), unmerged_by=given("by"), moved=given("moved"), brought=literal_column("''::bytea"))
    .where(col(MergeRow.id) == given("id"))
)
_BROUGHT = Scalar(select(col(MergeRow.brought)).where(col(MergeRow.id) == given("id")), bytes)
_FORGET_MOVED = Statement("DELETE FROM customer_merge_moved WHERE merge_id = :id")
_FORGET_ASIDE = Statement("DELETE FROM customer_merge_aside WHERE merge_id = :id")
_SET_HEAD_ASIDE = Scalar(
    """
    WITH archived AS (DELETE FROM archive WHERE customer_id = :id RETURNING *),
    gone AS (DELETE FROM customer WHERE id = :id RETURNING *),
    kept AS (
        INSERT INTO customer_merge_aside (merge_id, place, content, copied)
        SELECT :merge_id::uuid, 'archive', to_jsonb(a), false FROM archived a
        UNION ALL SELECT :merge_id::uuid, 'customer', to_jsonb(g), false FROM gone g
    )
    SELECT version FROM gone
    """,
    int,
)
"""By hand: whole rows, as they are. A merged customer is in no list, no search and no close any more."""
_NEXT_VERSION = Scalar(
    update(CustomerRow)
    .values(version=col(CustomerRow.version) + given("by"))
    .where(col(CustomerRow.id) == given("id"))
    .returning(col(CustomerRow.version)),
    int,
)
_HEADS = Statement(
    select(col(CustomerRow.id), col(CustomerRow.counts_from), col(CustomerRow.tier)).where(
        col(CustomerRow.id) == any_given("ids", Uuid)
    )
)
_REGISTERED = Statement(
    select(col(ArchiveRow.customer_id), col(ArchiveRow.registered_at)).where(
        col(ArchiveRow.customer_id) == any_given("ids", Uuid)
    )
)
_COUNT = Statement(
    """
    WITH bought AS (
        SELECT customer_id, month, grade, sum(amount) AS amount FROM purchase
        WHERE customer_id = ANY(:ids::uuid[]) AND reversed_at IS NULL GROUP BY customer_id, month, grade
    ), gone AS (
        DELETE FROM month_total m WHERE m.customer_id = ANY(:ids::uuid[]) AND NOT EXISTS (
            SELECT FROM bought b WHERE (b.customer_id, b.month, b.grade) = (m.customer_id, m.month, m.grade))
    )
    INSERT INTO month_total (customer_id, month, grade, amount) SELECT * FROM bought
    ON CONFLICT (customer_id, month, grade) DO UPDATE SET amount = EXCLUDED.amount
    """
)
"""By hand: from the purchases themselves, however many; one row a month goes to and fro."""
_COUNT_FROM = Statement(
    """
    UPDATE customer c
    SET first_purchase = f.month, counts_from = least(f.month, told.registered)
    FROM unnest(:ids::uuid[], :registered::integer[]) AS told (id, registered)
    LEFT JOIN LATERAL (
        SELECT min(m.month) AS month FROM month_total m WHERE m.customer_id = told.id
    ) f ON true
    WHERE c.id = told.id
    """
)
"""By hand: from when each counts, by its sums and its registration."""
_TWO_OF_A_GRADE = Scalar(
    """
    SELECT DISTINCT c.id FROM contract c JOIN contract o ON o.grade = c.grade AND o.brand_id <> c.brand_id
    WHERE c.customer_id = :merged AND o.customer_id = :into AND c.withdrawn_at IS NULL AND o.withdrawn_at IS NULL
      AND daterange(c.starts_on, c.ends_on) && daterange(o.starts_on, o.ends_on)
      AND CASE WHEN c.serial > o.serial THEN c.same_grade ELSE o.same_grade END
    ORDER BY c.id LIMIT 5
    """,
    UUID,
)
"""By hand: as the constraint will see them once they are of one customer."""
_OWN_THEMSELVES = Scalar(
    """
    SELECT count(*) FROM owner o JOIN ownership w ON w.owner_id = o.id AND w.until IS NULL
    WHERE o.customer_id = :id AND w.customer_id = :id
    """,
    int,
)
_RETURNS_BACK = Statement(
    """
    UPDATE purchase r SET customer_id = :merged FROM purchase p
    WHERE p.customer_id = :merged AND r.returns_id = p.id AND r.customer_id = :kept
    """
)
"""By hand: returns that were entered while the purchase was the kept one's."""
_LEFT_SEATS = Statement(
    "DELETE FROM account_team t USING staff s WHERE t.customer_id = :id AND s.id = t.staff_id AND NOT s.active"
)


async def hold(transaction: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Both heads, held alone in the order of their ids; those that are there."""
    return set(await _HOLD.all(transaction, ids=list(ids)))


async def standing(reader: Reader, vault: Vault, merged_id: UUID) -> Merge | None:
    """The merge by which that customer is none any more."""
    row = await _STANDING.one(reader, merged_id=merged_id)
    return None if row is None else (await _with_counts(reader, vault, [row]))[0]


async def merges_of(reader: Reader, vault: Vault, id_: UUID, before: UUID, most: int) -> list[Merge]:
    """Merges of a customer, those into it and its own, the latest first."""
    return await _with_counts(reader, vault, await _OF.all(reader, id=id_, before=before, most=most))


async def _with_counts(reader: Reader, vault: Vault, rows: Sequence[dict[str, Any]]) -> list[Merge]:
    counts: dict[UUID, dict[str, int]] = {}
    for row in await _COUNTS.all(reader, ids=[each["id"] for each in rows]) if rows else ():
        counts.setdefault(row["merge_id"], {})[row["place"]] = row["rows"]

    def merge(words: bytes | None, moved: dict[str, int] | None, **row: Any) -> Merge:
        reason = None if words is None else vault.open(words, row["id"].bytes).decode()
        return Merge(**row, reason=reason, moved=counts.get(row["id"], {}) if moved is None else moved)

    return [merge(**row) for row in rows]


async def add(transaction: Connection, merge: Merge, words: bytes | None, brought: bytes) -> None:
    """Writes down that a customer is merged, before anything of it moves."""
    said = {name: getattr(merge, name) for name in _FIELDS}
    await _ADD.execute(transaction, **said, words=words, brought=brought)


async def end(transaction: Connection, ended: Merge) -> None:
    """Forgets what had moved and what it brought, and keeps that there was a merge, and how much had come."""
    await _FORGET_MOVED.execute(transaction, id=ended.id)
    await _FORGET_ASIDE.execute(transaction, id=ended.id)
    said = {"at": ended.unmerged_at, "by": ended.unmerged_by, "moved": ended.moved}
    await _END.execute(transaction, id=ended.id, **said)


def seal_brought(sealer: Sealer, merge_id: UUID, given_: Brought) -> bytes:
    """Under the merged customer's key: it goes with the person."""
    return sealer.seal(orjson.dumps(asdict(given_), default=str), merge_id.bytes)


async def read_brought(reader: Reader, sealer: Sealer, merge_id: UUID) -> Brought:
    said = orjson.loads(sealer.open(await _BROUGHT.only(reader, id=merge_id), merge_id.bytes))
    before, at = (datetime.fromisoformat(said[name]) for name in ("registered_before", "registered_at"))
    return Brought(said["fields"], before, at, said.get("traits", {}))


async def carry(transaction: Connection, merge_id: UUID, merged: UUID, into: UUID) -> set[str]:
    """Everything of the merged customer to the kept one, a statement for each table; the places where the kept one has
    something that stands once per customer, and had not."""
    for place in places.MOVING:
        await place.move.execute(transaction, merge_id=merge_id, merged=merged, into=into)
    copied = set()
    for aside in places.SET_ASIDE:
        if any(await aside.set_aside.all(transaction, merge_id=merge_id, merged=merged, into=into)):
            copied.add(aside.place)
    return copied


async def carry_back(transaction: Connection, merge_id: UUID, merged: UUID, kept: UUID) -> None:
    """What came from the merged customer; what came of its purchases since goes with them."""
    await places.put_back(transaction, merge_id, places.HEAD)
    await places.put_back(transaction, merge_id, places.ARCHIVE)
    for place in places.MOVING:
        await place.move_back.execute(transaction, merge_id=merge_id, merged=merged, kept=kept)
    await _RETURNS_BACK.execute(transaction, merged=merged, kept=kept)
    for aside in places.SET_ASIDE:
        await aside.take_back.execute(transaction, merge_id=merge_id, kept=kept)
        await places.put_back(transaction, merge_id, aside.place)
    await _LEFT_SEATS.execute(transaction, id=merged)


async def set_head_aside(transaction: Connection, merge_id: UUID, merged: UUID) -> int:
    """Head and archive of a customer whom nothing refers to any more; the version it had."""
    return await _SET_HEAD_ASIDE.only(transaction, merge_id=merge_id, id=merged)


async def next_version(transaction: Connection, id_: UUID, by: int = 1) -> int:
    """Counts the version of a held customer up."""
    return await _NEXT_VERSION.only(transaction, id=id_, by=by)


async def heads(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Record]:
    """`counts_from` and `tier` by customer."""
    return {row["id"]: row for row in await _HEADS.all(reader, ids=list(ids))}


async def count_anew(transaction: Connection, ids: Sequence[UUID], zone: ZoneInfo) -> None:
    """Sums of months, first purchases and first months of held customers."""
    registered = {
        row["customer_id"]: Month.of(row["registered_at"], zone).ordinal
        for row in await _REGISTERED.all(transaction, ids=list(ids))
    }
    await _COUNT.execute(transaction, ids=list(ids))
    await _COUNT_FROM.execute(transaction, ids=list(registered), registered=list(registered.values()))


async def two_of_a_grade(reader: Reader, merged: UUID, into: UUID) -> list[UUID]:
    """Contracts of the merged customer beside which the rules do not allow those of the kept one, up to five."""
    return await _TWO_OF_A_GRADE.all(reader, merged=merged, into=into)


async def own_themselves(reader: Reader, id_: UUID) -> bool:
    """Whether the customer is among the owners of itself."""
    return await _OWN_THEMSELVES.only(reader, id=id_) > 0
