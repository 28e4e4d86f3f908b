"""Pages of customers, and looking up whose a phone or an e-mail is, which is entered by the statement that finds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from services.customers.archive.store.customers import CUSTOMERS
from services.customers.archive.store.numbers import with_number
from services.customers.finding.store import MET, SAID
from services.customers.heads.store.visibility import all_seen, sees
from shared.db import Connection
from shared.statement import Statement, by_column, part

CONDITIONS: Final[Mapping[str, str]] = {
    "tier": "customer.tier = :tier",
    "region_id": "archive.region_id = :region_id",
    "stage": "archive.stage = :stage",
    "external_no": "archive.external_no = :external_no",
    "tag": "customer.id IN (SELECT g.customer_id FROM customer_tag g WHERE g.tag = :tag)",
    "after": "customer.id > :after AND archive.customer_id > :after",
    "viewer": all_seen("customer.id"),
    "query": SAID,
    "walked_from": MET,
}
"""What a page may be narrowed by: the fields of Filters, the place to begin after, and a way to find names."""
_CUSTOMERS: Final = part(CUSTOMERS)


@cache
def page(narrowed_by: tuple[str, ...]) -> Statement[Record]:
    """One statement for each set of conditions, so that each has its plan. By hand, since names are found so."""
    return Statement(
        "{customers} WHERE {conditions} ORDER BY customer.id LIMIT :most",
        customers=_CUSTOMERS,
        conditions=_all(narrowed_by),
    )


@cache
def _looked_up(narrowed_by: tuple[str, ...]) -> Statement[Record]:
    """By hand: reading and entering are one round trip and one commit, for all who look somebody up at the same time.

    The arrays stand in selects of their own: so nobody plans by how long they are, and the plan is kept.
    """
    return Statement(
        """
        WITH asked AS (
            SELECT t.* FROM unnest((SELECT :trace::bytea[]), (SELECT :seen_by::uuid[]), (SELECT :by::uuid[]),
                                   (SELECT :most::integer[])) WITH ORDINALITY AS t(trace, seen_by, by, most, place)
        ), found AS MATERIALIZED (
            SELECT asked.place, asked.by, asked.most, f.*,
                   row_number() OVER (PARTITION BY asked.place ORDER BY f.id) AS rank
            FROM asked CROSS JOIN LATERAL (
                {customers} WHERE customer.id = ANY (ARRAY({numbered})) AND {seen} AND {conditions}
                ORDER BY customer.id LIMIT 501
            ) AS f
        ), entered AS (
            INSERT INTO audit_entry (made_by, what, subject, digest)
            SELECT asked.by, 'customer.looked_up', found.id, asked.trace
            FROM asked LEFT JOIN found ON found.place = asked.place AND found.rank = 1
            UNION ALL SELECT found.by, 'customer.unmasked', found.id, NULL FROM found WHERE found.rank < found.most
        )
        SELECT * FROM found WHERE rank <= most ORDER BY place, rank
        """,
        customers=_CUSTOMERS,
        numbered=with_number("asked.trace"),
        seen=sees("customer.id", "asked.seen_by"),
        conditions=_all(narrowed_by),
    )


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(CONDITIONS[name] for name in conditions) or "true"


@dataclass(frozen=True, slots=True)
class LookUp:
    """Looking up whose a phone or an e-mail is: its trace, whose customers only are shown, who asks, how many to read.

    Who finds somebody by a trace sees that phone or e-mail in full, so all but the last, which only tells that there
    are more, are entered as shown in full.
    """

    trace: bytes
    viewer: UUID | None
    by: UUID
    most: int


async def look_up(
    writer: Connection, narrowed: tuple[tuple[str, Any], ...], asked: Sequence[LookUp]
) -> list[list[Record]]:
    """Of each look-up whom it finds among those that `narrowed` (condition and value) leaves, in their order."""
    rows = by_column({"trace": a.trace, "seen_by": a.viewer, "by": a.by, "most": a.most} for a in asked)
    found: list[list[Record]] = [[] for _ in asked]
    for row in await _looked_up(tuple(name for name, _ in narrowed)).all(writer, **rows, **dict(narrowed)):
        found[row["place"] - 1].append(row)
    return found
