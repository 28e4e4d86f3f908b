"""Comparing customers in the database, and the pairs that were found."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.customers.duplicates.domain import DuplicateReason, Holder, Key, Met, Span, crossed
from shared.db import Connection
from shared.ids import new_id
from shared.personal import Vault
from shared.statement import Scalar, Statement, by_column

LOOKED_AT: Final = 200
"""Others with the same key that are looked at."""


def _holder(reason: str, key: bytes, customer_id: UUID, lowest: int | None, highest: int | None) -> Holder:
    return Holder(DuplicateReason(reason), key, customer_id, _span(lowest, highest))


def _span(lowest: int | None, highest: int | None) -> Span:
    return None if lowest is None or highest is None else (lowest, highest)


def _met(
    reason: str,
    lowest: int | None,
    highest: int | None,
    other_lowest: int | None,
    other_highest: int | None,
    **same: Any,
) -> Met:
    region, other = _span(lowest, highest), _span(other_lowest, other_highest)
    return Met(reason=DuplicateReason(reason), region=region, other_region=other, **same)


_TURN: Final = Scalar("SELECT pg_try_advisory_xact_lock(4018, 0)", bool)
"""One process at a time: two that compare two customers at once would not see each other's."""
_TAKE: Final = Statement(
    """
    WITH due AS (SELECT id FROM duplicate_due ORDER BY id LIMIT :most)
    DELETE FROM duplicate_due d USING due WHERE d.id = due.id RETURNING d.customer_id
    """
)
_FORGET_KEYS: Final = Statement(
    """
    DELETE FROM duplicate_key k USING archive a LEFT JOIN region r ON r.id = a.region_id
    WHERE a.customer_id = k.customer_id AND k.customer_id = ANY(:ids::uuid[])
    RETURNING k.reason, k.key, k.customer_id, r.lowest, r.highest
    """,
    _holder,
)
_HOLDERS: Final = Statement(
    """
    SELECT held.reason, held.key, o.customer_id, r.lowest, r.highest
    FROM (SELECT DISTINCT reason, key FROM unnest(:reason::text[], :key::bytea[]) AS t(reason, key)) AS held
    JOIN LATERAL (
        SELECT n.customer_id FROM duplicate_key n WHERE n.reason = held.reason AND n.key = held.key
        ORDER BY n.customer_id LIMIT {looked_at}
    ) AS o ON true
    JOIN archive a ON a.customer_id = o.customer_id LEFT JOIN region r ON r.id = a.region_id
    """,
    _holder,
    looked_at=f"{LOOKED_AT:d}",
)
"""By hand: so many at most for each key."""
_WAIT: Final = Statement("INSERT INTO duplicate_due (customer_id) SELECT unnest(:ids::uuid[])")
_KEEP_KEYS: Final = Statement(
    """
    INSERT INTO duplicate_key (reason, key, customer_id)
    SELECT reason, key, customer_id FROM unnest(:reason::text[], :key::bytea[], :customer_id::uuid[])
        AS t(reason, key, customer_id)
    ON CONFLICT DO NOTHING
    """
)
_MEET: Final = Statement(
    """
    SELECT k.customer_id, o.customer_id AS other_id, k.reason, k.key, r.lowest, r.highest,
        s.lowest AS other_lowest, s.highest AS other_highest
    FROM duplicate_key k
    JOIN LATERAL (
        SELECT n.customer_id FROM duplicate_key n
        WHERE n.reason = k.reason AND n.key = k.key AND n.customer_id <> k.customer_id
        ORDER BY n.customer_id LIMIT {looked_at}
    ) AS o ON true
    JOIN archive a ON a.customer_id = k.customer_id JOIN archive b ON b.customer_id = o.customer_id
    LEFT JOIN region r ON r.id = a.region_id LEFT JOIN region s ON s.id = b.region_id
    WHERE k.customer_id = ANY(:ids::uuid[])
    """,
    _met,
    looked_at=f"{LOOKED_AT:d}",
)
"""By hand: so many others at most for each key."""
_DROP: Final = Statement(
    """
    DELETE FROM duplicate_pair p
    WHERE (p.one_id = ANY(:ids::uuid[]) OR p.other_id = ANY(:ids::uuid[])) AND p.judged_at IS NULL
        AND NOT EXISTS (SELECT FROM unnest(:one::uuid[], :other::uuid[]) AS f(one_id, other_id)
                        WHERE f.one_id = p.one_id AND f.other_id = p.other_id)
    """
)
_KEEP: Final = Statement(
    """
    INSERT INTO duplicate_pair AS p (id, one_id, other_id, reasons, found_at)
    SELECT id, one_id, other_id, string_to_array(reasons, ' '), :at
    FROM unnest(:id::uuid[], :one_id::uuid[], :other_id::uuid[], :reasons::text[]) AS t(id, one_id, other_id, reasons)
    ORDER BY one_id, other_id
    ON CONFLICT (one_id, other_id) DO UPDATE SET reasons = excluded.reasons
    """
)
"""By hand: arrays cannot go through unnest."""
_JUDGE: Final = Scalar(
    """
    UPDATE duplicate_pair SET judged_at = :at, judged_by = :by WHERE id = :id AND judged_at IS NULL RETURNING id
    """,
    UUID,
)
_FORGET_PAIRS: Final = Statement(
    "DELETE FROM duplicate_pair WHERE one_id = ANY(:ids::uuid[]) OR other_id = ANY(:ids::uuid[])"
)


async def take_due(transaction: Connection, most: int) -> list[UUID]:
    """The next customers who wait to be compared, each once; none while another process compares."""
    if not await _TURN.only(transaction):
        return []
    return sorted({row["customer_id"] for row in await _TAKE.all(transaction, most=most)})


async def keep_keys(transaction: Connection, traces: Vault, keys: Mapping[UUID, Iterable[Key]]) -> None:
    """By what these customers are compared from now on; whose key many have now, or not any more, waits to be."""
    before = await _FORGET_KEYS.all(transaction, ids=list(keys))
    rows: list[dict[str, Any]] = [
        {"reason": key.reason, "key": traces.digest(f"duplicate:{key.reason}:{key.said}".encode()), "customer_id": id_}
        for id_, said in keys.items()
        for key in said
    ]
    if rows:
        await _KEEP_KEYS.execute(transaction, **by_column(rows))
    held = {(each.reason, each.key) for each in before} | {(row["reason"], row["key"]) for row in rows}
    await _look_again(transaction, set(keys), before, held)


async def _look_again(
    transaction: Connection, changed: Set[UUID], lost: Sequence[Holder], keys: Set[tuple[DuplicateReason, bytes]]
) -> None:
    """Lets those wait to be compared whose key crossed the bound when these customers got and lost theirs."""
    held = {"reason": [reason for reason, _ in keys], "key": [key for _, key in keys]}
    after = await _HOLDERS.all(transaction, **held) if keys else []
    before = [*lost, *(each for each in after if each.customer_id not in changed)]
    if again := crossed(before, after) - changed:
        await _WAIT.execute(transaction, ids=sorted(again))


async def meet(transaction: Connection, ids: Sequence[UUID]) -> list[Met]:
    """Who has a key in common with one of these."""
    return await _MEET.all(transaction, ids=ids)


async def keep_pairs(
    transaction: Connection,
    ids: Sequence[UUID],
    pairs: Mapping[tuple[UUID, UUID], Iterable[DuplicateReason]],
    at: datetime,
) -> None:
    """The pairs of which one of these customers is part; those that hold no more go, unless they were judged."""
    await _DROP.execute(transaction, ids=ids, one=[one for one, _ in pairs], other=[other for _, other in pairs])
    if pairs:
        rows: list[dict[str, Any]] = [
            {"id": new_id(), "one_id": one, "other_id": other, "reasons": " ".join(sorted(reasons))}
            for (one, other), reasons in pairs.items()
        ]
        await _KEEP.execute(transaction, **by_column(rows), at=at)


async def judge(transaction: Connection, id_: UUID, *, at: datetime, by: UUID) -> bool:
    """Says of a pair that these are not the same; False where that was said before."""
    return await _JUDGE.one(transaction, id=id_, at=at, by=by) is not None


async def forget(transaction: Connection, customers: Sequence[UUID]) -> None:
    """Compares customers no more: erased as persons, or taken back with their import."""
    lost = await _FORGET_KEYS.all(transaction, ids=customers)
    await _look_again(transaction, set(customers), lost, {(each.reason, each.key) for each in lost})
    await _FORGET_PAIRS.execute(transaction, ids=customers)
