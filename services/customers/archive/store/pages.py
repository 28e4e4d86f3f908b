"""Pages of customers, and looking up whose a phone or an e-mail is, which is entered by the statement that finds it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from asyncpg import Record
from sqlalchemy import literal_column, select
from sqlmodel import col

from services.customers.archive.domain import Sort
from services.customers.archive.store.customers import CUSTOMERS
from services.customers.archive.store.numbers import with_number
from services.customers.archive.tables import ArchiveRow
from services.customers.finding.store import MET, SAID, SAID_OF_EACH
from services.customers.heads.store.visibility import all_seen, sees, served
from services.customers.heads.tables import CustomerRow
from services.customers.listing.tables import ListingRow
from services.customers.organisation.tables import RegionRow
from services.customers.worth.domain.standing import NEW
from shared.db import Connection
from shared.statement import Scalar, Statement, by_column, part, table, with_parts

_IN_REGION: Final = """archive.region_id = ANY (ARRAY(
    SELECT r.id FROM region r JOIN region o ON r.lowest >= o.lowest AND r.highest <= o.highest
    WHERE o.id = :region_id))"""
_WARNED: Final = """EXISTS (
    SELECT FROM early_warning w WHERE w.customer_id = customer.id AND w.ended_at IS NULL AND :warned::boolean)"""
_OF_WORTH: Final = {
    name: said
    for each in NEW
    for name, said in (
        (each, f"customer_worth.{each} = :{each}"),
        (f"unknown_{each}", f"coalesce(customer_worth.{each}, :unknown_{each}::text) = :unknown_{each}::text"),
    )
}
"""Whom nobody has judged yet is what somebody is of whom nothing is known."""
CONDITIONS: Final[Mapping[str, str]] = {
    "tier": "customer.tier = :tier",
    "region_id": _IN_REGION,
    **_OF_WORTH,
    "credit": "customer_worth.credit = :credit",
    "warned": _WARNED,
    "unwarned": with_parts("NOT {warned}", warned=_WARNED.replace(":warned", ":unwarned")),
    "updated_since": """(listing.updated_at >= :updated_since
        OR listing.updated_at IS NULL AND archive.registered_at >= :updated_since)""",
    "kind": "archive.kind = :kind",
    "external_no": "archive.external_no = :external_no",
    "tag": "customer.id IN (SELECT g.customer_id FROM customer_tag g WHERE g.tag = :tag)",
    "bought_since": "listing.last_purchase_at >= :bought_since",
    "owner_id": """customer.id = ANY (ARRAY(
        SELECT w.customer_id FROM ownership w WHERE w.owner_id = :owner_id AND w.until IS NULL))""",
    "served_by": served("customer.id"),
    "after": "customer.id > :after AND archive.customer_id > :after",
    "viewer": all_seen("customer.id"),
    "query": SAID,
    "walked_from": MET,
}
"""What a page may be narrowed by: the fields of Filters, the place to begin after, and a way to find names."""
NARROW: Final = frozenset({"external_no", "owner_id", "served_by", "viewer"})
"""What leaves few customers, who are found first."""
_IDS: Final[Mapping[str, str]] = {
    "tier": "SELECT customer.id FROM customer WHERE {condition}",
    "region_id": "SELECT archive.customer_id FROM archive WHERE {condition}",
    "tag": "SELECT customer.id FROM customer WHERE {condition}",
    **dict.fromkeys(
        ("stage", "loyalty", "credit", "size", "value"),
        "SELECT customer_worth.customer_id FROM customer_worth WHERE {condition}",
    ),
    "warned": "SELECT w.customer_id FROM early_warning w WHERE w.ended_at IS NULL AND :warned::boolean",
    "updated_since": """SELECT l.customer_id FROM listing l WHERE l.updated_at >= :updated_since
        UNION ALL SELECT a.customer_id FROM archive a LEFT JOIN listing l ON l.customer_id = a.customer_id
        WHERE a.registered_at >= :updated_since AND l.updated_at IS NULL""",
    "bought_since": "SELECT listing.customer_id FROM listing WHERE {condition}",
    "query": "SELECT archive.customer_id FROM archive WHERE {condition}",
}
"""What leaves few or many: whom it leaves. Who has what is sought is always gathered by the indexes, unless each is met
in turn: how many have it the planner guesses so high that it would rather look at everybody."""
_FIRST_SAID: Final[Mapping[tuple[str, ...], str]] = {
    asked: with_parts(
        """customer.id = ANY (ARRAY(
        SELECT s.customer_id FROM (SELECT archive.customer_id FROM archive WHERE {said} OFFSET 0) AS s
        {after} ORDER BY s.customer_id LIMIT :most))""",
        said=SAID,
        after="WHERE s.customer_id > :after" if asked else "",
    )
    for asked in ((), ("after",))
}
"""The first who have what is sought, where nothing else is asked: nobody reads the rest of those who have it, too."""
FEW: Final = 5_000
"""Up to so many customers are gathered and put in order; more of them are met often enough in any order."""
Form: TypeAlias = Literal["plain", "gathered", "walked"]
"""How a condition is asked: as it is, of those whom it leaves, or of each who is met in the order of the list."""
RANGED: Final[Mapping[str, Sort]] = {"bought_since": "last_purchase", "updated_since": "updated"}
"""What leaves a part of an order, which is read from its index alone."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order by a key, then by id, each by an index; who has none comes last, by id."""

    key: str
    id: str
    """The customer's id as it stands beside the key: a row is compared by the columns of one index."""
    present: str
    written: str
    read: Callable[[str], Any]
    """How a cursor's key becomes a value again."""
    falling: bool = False


def _of_listing(column: str, present: str, written: str, read: Callable[[str], Any]) -> Sorting:
    """The latest or largest first."""
    return Sorting(f"listing.{column}", "listing.customer_id", present, written, read, falling=True)


SORTS: Final[Mapping[Sort, Sorting]] = {
    "registered": Sorting("customer.id", "customer.id", "customer.id IS NOT NULL", "uuid", UUID),
    "name": Sorting(
        "coalesce(nullif(archive.sound, ''), archive.folded)",
        "archive.customer_id",
        "archive.folded IS NOT NULL",
        "text",
        str,
    ),
    "tier": Sorting("customer.tier", "customer.id", "customer.tier IS NOT NULL", "text", str),
    "last_purchase": _of_listing(
        "last_purchase_at", "listing.last_purchase_at IS NOT NULL", "timestamptz", datetime.fromisoformat
    ),
    "month_sum": _of_listing("month_sum", "listing.month = :running", "numeric", Decimal),
    "updated": _of_listing("updated_at", "listing.updated_at IS NOT NULL", "timestamptz", datetime.fromisoformat),
}
"""Every order. Names stand by how they sound, once that has been heard."""
LISTED: Final = (
    CUSTOMERS.add_columns(
        select(col(RegionRow.name))
        .where(col(RegionRow.id) == col(ArchiveRow.region_id))
        .scalar_subquery()
        .label("region_name")
    )
    .add_columns(*(table(ListingRow).c[name] for name in ("updated_at", "last_purchase_at", "month", "month_sum")))
    .outerjoin(ListingRow, col(ListingRow.customer_id) == col(CustomerRow.id))
)
_LISTED: Final = part(LISTED)


@cache
def page(narrowed_by: tuple[str, ...]) -> Statement[Record]:
    """One statement for each set of conditions, so that each has its plan. By hand, since names are found so."""
    asked = [name for name in narrowed_by if name != "query"]
    conditions = [CONDITIONS[name] for name in asked]
    if "query" in narrowed_by:
        conditions.append(_formed("query", "gathered") if set(asked) - {"after"} else _FIRST_SAID[tuple(asked)])
    return Statement(
        "{listed} WHERE {conditions} ORDER BY customer.id LIMIT :most",
        listed=_LISTED,
        conditions=" AND ".join(conditions) or "true",
    )


@cache
def sorted_page(
    forms: tuple[tuple[str, Form], ...], sort: Sort, *, keyed: bool, goes_on: bool, turned: bool = False
) -> Statement[Record]:
    """The same in another order, or the other way round, of those with a key or of those without; its limit is given by
    `limited`."""
    by = SORTS[sort]
    falls = by.falling != turned
    where = [_formed(name, form) for name, form in forms]
    where += [f"{by.key} >= :{name}" for name, _ in forms if keyed and RANGED.get(name) == sort]
    where.append(by.present if keyed else with_parts("({present}) IS NOT TRUE", present=by.present))
    order = with_parts("{key} DESC, {id} DESC" if falls else "{key}, {id}", key=by.key, id=by.id)
    if goes_on and keyed:
        sign = "<" if falls else ">"
        where.append(f"({by.key}, {by.id}) {sign} (:after_key::{by.written}, :after)")
    elif goes_on:
        where.append("customer.id > :after")
    return Statement(
        "{listed} WHERE {conditions} ORDER BY {order}",
        listed=part(LISTED.add_columns(literal_column(by.key).label("sort_key"))),
        conditions=" AND ".join(where),
        order=order if keyed else "customer.id",
    )


@cache
def counted(forms: tuple[tuple[str, Form], ...]) -> Scalar[int]:
    """How many there are, as far as they are counted. By hand, as the pages are."""
    return Scalar(
        "SELECT count(*) FROM ({listed} WHERE {conditions} LIMIT :bound) AS found",
        int,
        listed=_LISTED,
        conditions=" AND ".join(
            _formed(name, form if form == "gathered" or name == "query" else "plain") for name, form in forms
        )
        or "true",
    )


@cache
def everybody(narrowed_by: tuple[str, ...]) -> Statement[Record]:
    """All whom the conditions leave, in the order of their registration. By hand, as the pages are."""
    return Statement("{listed} WHERE {conditions} ORDER BY customer.id", listed=_LISTED, conditions=_all(narrowed_by))


@cache
def left_by(name: str) -> Scalar[int]:
    """How many customers a condition leaves, as far as that is of interest."""
    ids = _ids(name)
    return Scalar("SELECT count(*) FROM ({ids} LIMIT :bound) AS left_by", int, ids=ids)


def may_be_gathered(name: str) -> bool:
    return name in _IDS


def _ids(name: str) -> str:
    said = _IDS[name]
    return with_parts(said, condition=CONDITIONS[name]) if "{condition}" in said else said


def _formed(name: str, form: Form) -> str:
    if form == "gathered":
        return with_parts("customer.id = ANY (ARRAY({ids}))", ids=_ids(name))
    if form == "plain":
        return CONDITIONS[name]
    return with_parts("coalesce({said}, false)", said=SAID_OF_EACH if name == "query" else CONDITIONS[name])


@cache
def _looked_up(narrowed_by: tuple[str, ...]) -> Statement[Record]:
    """By hand: reading and entering are one round trip and one commit, for all who look somebody up at the same time.

    The arrays stand in selects of their own: so nobody plans by how long they are, and the plan is kept.
    """
    return Statement(
        """
        WITH asked AS (
            SELECT t.* FROM unnest((SELECT :trace::bytea[]), (SELECT :seen_by::uuid[]), (SELECT :by::uuid[]),
                                   (SELECT :most::integer[]), (SELECT :purpose::text[]))
            WITH ORDINALITY AS t(trace, seen_by, by, most, purpose, place)
        ), found AS MATERIALIZED (
            SELECT asked.place, asked.by, asked.most, asked.purpose, f.*,
                   row_number() OVER (PARTITION BY asked.place ORDER BY f.id) AS rank
            FROM asked CROSS JOIN LATERAL (
                {listed} WHERE customer.id = ANY (ARRAY({numbered})) AND {seen} AND {conditions}
                ORDER BY customer.id LIMIT 501
            ) AS f
        ), entered AS (
            INSERT INTO audit_entry (made_by, what, subject, digest, purpose)
            SELECT asked.by, 'customer.looked_up', found.id, asked.trace, asked.purpose
            FROM asked LEFT JOIN found ON found.place = asked.place AND found.rank = 1
            UNION ALL SELECT found.by, 'customer.unmasked', found.id, NULL, found.purpose
            FROM found WHERE found.rank < found.most
        )
        SELECT * FROM found WHERE rank <= most ORDER BY place, rank
        """,
        listed=_LISTED,
        numbered=with_number("asked.trace"),
        seen=sees("customer.id", "asked.seen_by"),
        conditions=_all(narrowed_by),
    )


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(CONDITIONS[name] for name in conditions) or "true"


@dataclass(frozen=True, slots=True)
class LookUp:
    """Looking up whose a phone or an e-mail is: its trace, whose customers only are shown, who asks, how many to read,
    and for what, where that was stated.

    Who finds somebody by a trace sees that phone or e-mail in full, so all but the last, which only tells that there
    are more, are entered as shown in full.
    """

    trace: bytes
    viewer: UUID | None
    by: UUID
    most: int
    purpose: str | None


async def look_up(
    writer: Connection, narrowed: tuple[tuple[str, Any], ...], asked: Sequence[LookUp]
) -> list[list[Record]]:
    """Of each look-up whom it finds among those that `narrowed` (condition and value) leaves, in their order."""
    rows = by_column(
        {"trace": a.trace, "seen_by": a.viewer, "by": a.by, "most": a.most, "purpose": a.purpose} for a in asked
    )
    found: list[list[Record]] = [[] for _ in asked]
    for row in await _looked_up(tuple(name for name, _ in narrowed)).all(writer, **rows, **dict(narrowed)):
        found[row["place"] - 1].append(row)
    return found
