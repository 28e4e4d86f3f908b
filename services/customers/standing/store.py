"""Keeping how complete archives are, with what changes them.

The figures are made in SQL from the weights of the domain, so that who fills a field sends its bit alone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.customers.standing.domain import (
    BITS,
    FIELDS,
    IN_ARCHIVE,
    IN_TRAITS,
    PARTS,
    PERSON,
    VERSION,
    Part,
    bits_of,
    figures,
)
from shared.db import Connection
from shared.statement import Scalar, Statement, by_column, with_parts


def _sum(part: Part, whose: str) -> str:
    terms = [(BITS[field.name], getattr(field, whose)) for field in FIELDS if field.part is part]
    return " + ".join(f"CASE WHEN b.bits & {bit} > 0 THEN {weight} ELSE 0 END" for bit, weight in terms if weight)


def _figure(part: Part) -> str:
    return f"CASE WHEN b.bits & {PERSON} > 0 THEN {_sum(part, 'of_person')} ELSE {_sum(part, 'of_store')} END AS {part}"


FIGURES: Final = with_parts(
    """LATERAL (SELECT p.*, ({weighted} + 50) / 100 AS total FROM (SELECT {parts}) AS p) AS f""",
    weighted=" + ".join(f"p.{part} * {weight}" for part, weight in PARTS.items()),
    parts=", ".join(_figure(part) for part in Part),
)
"""What the bits of a row `b` come to."""
_COLUMNS: Final = "version, bits, basic, traits, relations, finance, total"
REGISTERED: Final = with_parts(
    """INSERT INTO archive_standing (customer_id, {columns}, active_at)
        SELECT i.id, {version}, i.bits, i.basic, i.traits, i.relations, i.finance, i.total, :at::timestamptz
        FROM incoming i JOIN kept k ON k.customer_id = i.id""",
    columns=_COLUMNS,
    version=str(VERSION),
)
"""For the statement that registers customers: it brings the figures along, since making them here costs it a tenth."""
_SET: Final = """
    UPDATE archive_standing AS s
    SET bits = b.bits, basic = f.basic, traits = f.traits, relations = f.relations, finance = f.finance, total = f.total
    FROM (SELECT o.customer_id, {bits} AS bits FROM archive_standing o WHERE o.customer_id = {whose}) AS b, {figures}
    WHERE s.customer_id = b.customer_id AND s.bits <> b.bits
    """
_FILL: Final = Statement(
    _SET, bits="(o.bits & ~(:mask::integer)) | :filled::integer", whose=":customer_id", figures=FIGURES
)
_BESIDE: Final[dict[str, str]] = {
    "owner": "SELECT FROM ownership o WHERE o.customer_id = {id} AND o.until IS NULL AND o.owner_id IS NOT NULL",
    "people": "SELECT FROM person p WHERE p.customer_id = {id} AND p.left_on IS NULL",
    "who_decides": "SELECT FROM person p WHERE p.customer_id = {id} AND p.left_on IS NULL AND p.decides",
    "who_pays": "SELECT FROM person p WHERE p.customer_id = {id} AND p.left_on IS NULL AND p.pays",
    "dates": "SELECT FROM important_date d WHERE d.customer_id = {id}",
    "credit_limit": "SELECT FROM credit_limit l WHERE l.customer_id = {id} AND l.amount IS NOT NULL",
    "invoices": "SELECT FROM payment p WHERE p.customer_id = {id} AND p.withdrawn_at IS NULL",
}
"""What is filled when there is such a row; whoever writes one calls `look_again`."""
BESIDE_MASK: Final = bits_of(_BESIDE)
_FOUND: Final = " | ".join(f"CASE WHEN EXISTS ({sql}) THEN {BITS[name]} ELSE 0 END" for name, sql in _BESIDE.items())
_LOOK_AGAIN: Final = Statement(
    _SET,
    bits=f"(o.bits & ~{BESIDE_MASK}) | {with_parts(_FOUND, id='o.customer_id')}",
    whose="ANY (:customers::uuid[])",
    figures=FIGURES,
)
_JUDGE: Final = Statement(
    """
    INSERT INTO archive_standing AS s (customer_id, {columns}, active_at)
    SELECT b.id, {version}, b.bits, f.basic, f.traits, f.relations, f.finance, f.total, b.active_at
    FROM (
        SELECT t.id, t.bits | {found} AS bits,
            greatest(a.registered_at, (SELECT max(l.at) FROM last_touch l WHERE l.customer_id = t.id)) AS active_at
        FROM unnest(:id::uuid[], :bits::integer[]) AS t(id, bits) JOIN archive a ON a.customer_id = t.id
    ) AS b, {figures}
    ORDER BY b.id
    ON CONFLICT (customer_id) DO UPDATE
    SET version = excluded.version, bits = excluded.bits, basic = excluded.basic, traits = excluded.traits,
        relations = excluded.relations, finance = excluded.finance, total = excluded.total
    """,
    columns=_COLUMNS,
    version=str(VERSION),
    found=with_parts(_FOUND, id="t.id"),
    figures=FIGURES,
)
"""By hand: everything that is known elsewhere comes along."""
_CARED_FOR: Final = Statement(
    """
    UPDATE archive_standing AS s SET active_at = n.at
    FROM (
        SELECT o.customer_id, t.at FROM archive_standing o
        JOIN unnest(:id::uuid[], :at::timestamptz[]) AS t(id, at) ON t.id = o.customer_id
        WHERE o.active_at < t.at ORDER BY o.customer_id FOR NO KEY UPDATE OF o
    ) AS n
    WHERE s.customer_id = n.customer_id
    """
)
"""By hand: rows are held in the order of their ids, so that nobody waits in a circle."""
_HOLD: Final = Statement(
    """
    SELECT FROM archive_standing WHERE customer_id = ANY (:customers::uuid[])
    ORDER BY customer_id FOR NO KEY UPDATE
    """
)
_REACHED: Final = Scalar(
    "SELECT customer_id FROM archive_standing_reached WHERE version = :version FOR UPDATE SKIP LOCKED", UUID
)
_BEGIN: Final = Statement(
    "INSERT INTO archive_standing_reached (version, customer_id) VALUES (:version, :nobody) ON CONFLICT DO NOTHING"
)
_REACH: Final = Statement("UPDATE archive_standing_reached SET customer_id = :reached WHERE version = :version")
_TO_JUDGE: Final = Statement(
    """
    SELECT c.id, s.version = {version} IS TRUE AS judged
    FROM (SELECT customer_id AS id FROM archive WHERE customer_id > :after ORDER BY customer_id LIMIT :most) AS c
    LEFT JOIN archive_standing s ON s.customer_id = c.id ORDER BY c.id
    """,
    version=str(VERSION),
)
ARCHIVE_MASK: Final = bits_of(IN_ARCHIVE)
TRAITS_MASK: Final = bits_of(IN_TRAITS)


def registered(bits: int) -> dict[str, int]:
    """What `REGISTERED` takes of a new customer."""
    known = figures(bits)
    return {
        "bits": bits,
        "basic": known.basic,
        "traits_of": known.traits,
        "relations": known.relations,
        "finance": known.finance,
        "total": known.total,
    }


async def fill(transaction: Connection, customer_id: UUID, among: int, filled: Collection[str]) -> None:
    """What a held customer's archive has among these fields (a mask)."""
    await _FILL.execute(transaction, customer_id=customer_id, mask=among, filled=bits_of(filled))


async def hold(transaction: Connection, customers: Collection[UUID]) -> None:
    """Before the standings of several customers are changed one after the other: as news of touches holds them."""
    await _HOLD.execute(transaction, customers=list(customers))


async def look_again(transaction: Connection, *customers: UUID) -> None:
    """What held customers have beside the archive: an owner, people, dates, a limit, invoices."""
    if len(customers) > 1:
        await hold(transaction, customers)
    if customers:
        await _LOOK_AGAIN.execute(transaction, customers=list(customers))


async def judge(transaction: Connection, bits: dict[UUID, int]) -> None:
    """Judges archives anew, from what is filled in archive and traits; everything else is looked for."""
    await _JUDGE.execute(transaction, id=list(bits), bits=list(bits.values()))


async def cared_for(transaction: Connection, moments: Sequence[tuple[UUID, datetime]]) -> None:
    """That somebody cared for customers, each once; what came earlier changes nothing."""
    if moments:
        rows: list[dict[str, Any]] = [{"id": id_, "at": at} for id_, at in moments]
        await _CARED_FOR.execute(transaction, **by_column(rows))


async def reached(transaction: Connection, nobody: UUID) -> UUID | None:
    """Up to whom archives are judged by this version of the weights, held; None while another process judges."""
    await _BEGIN.execute(transaction, version=VERSION, nobody=nobody)
    return await _REACHED.one(transaction, version=VERSION)


async def reach(transaction: Connection, customer_id: UUID) -> None:
    await _REACH.execute(transaction, version=VERSION, reached=customer_id)


async def to_judge(transaction: Connection, after: UUID, most: int) -> list[tuple[UUID, bool]]:
    """The next customers in the order of their ids, and whether each is judged."""
    return [(row["id"], row["judged"]) for row in await _TO_JUDGE.all(transaction, after=after, most=most)]
