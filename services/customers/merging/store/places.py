"""Where things of a customer stand: every table of this service with a column for one, found from the tables.

A row with an id of its own moves to the kept customer, and it is written down that it came from the merged one. A row
that stands once per customer (a seat, a limit) is set aside as it was, and the kept one gets it where it has none. So
a capability that comes later needs nothing here; what is other is named.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Column, Uuid

from services.customers.schema import METADATA
from shared.db import Connection
from shared.statement import Scalar, Statement

HEAD, ARCHIVE = "customer", "archive"
_COUNTED_ANEW: Final = "month_total"
_OWN: Final = frozenset(
    {
        HEAD,
        ARCHIVE,
        _COUNTED_ANEW,
        "archive_standing_reached",
        "duplicate_due",
        "erasure",
        "expectation",
        "listing",
        "worth_mark",
    }
)
"""What is no customer's to keep: how far a loop has come, whom it looks at next, what triggers and nights keep by
themselves, and whose erasure was asked for."""
_ASIDE: Final = frozenset({"archive_change", "ownership", "tier_override"})
"""Histories of one customer each, although their rows have ids."""
_WHERE: Final = {
    "archive_change": "false",
    "important_date": "false",
    "key_account": "false",
    "ownership": "NOT EXISTS (SELECT FROM ownership k WHERE k.customer_id = :into)",
    "tier_override": "false",
    "tier_change": "false",
    "traits": "false",  # sealed for the one whose they are
    "winback": "false",
    "dismissal": "false",
    "early_warning": "false",
    "segment_override": "false",
    "loss": "false",  # whether the kept one is lost is judged from all that came
    "customer_worth": "false",  # judged of the kept one from all that came
    "segment_change": "false",
    "stage_change": "false",
}
"""Where rows set aside are not given to the kept one although it has no such row."""
_ONLY: Final = {
    "key_account": """ended_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM key_account k WHERE k.customer_id = :into AND k.ended_at IS NULL)""",
    "important_date": """person_id IS NOT NULL OR NOT own_key AND NOT EXISTS (
        SELECT FROM important_date k
        WHERE k.customer_id = :into AND k.person_id IS NULL AND k.occasion = important_date.occasion)""",
    "dismissal": """withdrawn_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM dismissal k WHERE k.customer_id = :into AND k.withdrawn_at IS NULL)""",
    "loss": "returned_on IS NOT NULL OR withdrawn_at IS NOT NULL",
    "winback": """outcome IS NOT NULL OR NOT EXISTS (
        SELECT FROM winback k WHERE k.customer_id = :into AND k.outcome IS NULL)""",
    "segment_override": """ended_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM segment_override k
        WHERE k.customer_id = :into AND k.ended_at IS NULL AND k.dimension = segment_override.dimension)""",
    "early_warning": """ended_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM early_warning k WHERE k.customer_id = :into AND k.ended_at IS NULL)""",
}
"""Which rows of a table move; the others are set aside: of each occasion a customer has one date, and a person's is
sealed under their own key; one case of winning back is open, one warning,
one dismissal and one loss stand."""
_ANEW: Final = {("important_date", "filled"): "0"}
"""What is not put back as it was: the days on which a date falls are kept anew."""

_MOVE = """
    WITH moved AS (UPDATE {table} SET {column} = :into WHERE {column} = :merged AND ({only}) RETURNING {key})
    INSERT INTO customer_merge_moved (merge_id, place, row_id) SELECT :merge_id, '{place}', {key} FROM moved
    """
_MOVE_BACK = """
    UPDATE {table} t SET {column} = :merged FROM customer_merge_moved m
    WHERE m.merge_id = :merge_id AND m.place = '{place}' AND t.{key} = m.row_id AND t.{column} = :kept
    """
_SET_ASIDE = """
    WITH gone AS (DELETE FROM {table} WHERE {column} = :merged RETURNING *),
    given AS (
        SELECT to_jsonb(g) AS content, to_jsonb(g) || jsonb_build_object('{column}', :into::uuid) AS anew FROM gone g
    ),
    copied AS (
        INSERT INTO {table} SELECT r.* FROM given g, jsonb_populate_record(NULL::{table}, g.anew) r WHERE {where}
        ON CONFLICT DO NOTHING RETURNING to_jsonb({table}) AS anew
    )
    INSERT INTO customer_merge_aside (merge_id, place, content, copied)
    SELECT :merge_id, '{place}', g.content, EXISTS (SELECT FROM copied c WHERE c.anew = g.anew) FROM given g
    RETURNING copied
    """
_TAKE_BACK = """
    DELETE FROM {table} t USING customer_merge_aside a
    WHERE a.merge_id = :merge_id AND a.place = '{place}' AND a.copied AND t.{column} = :kept
      AND to_jsonb(t) = a.content || jsonb_build_object('{column}', :kept::uuid)
    """
_PUT_BACK = """
    INSERT INTO {table} ({columns}) SELECT {read}
    FROM customer_merge_aside a, jsonb_populate_record(NULL::{table}, a.content) r
    WHERE a.merge_id = :merge_id AND a.place = '{place}'
    """
_KNOWN_COLUMNS = Scalar(
    """
    SELECT DISTINCT jsonb_object_keys(content) FROM customer_merge_aside WHERE merge_id = :merge_id AND place = :place
    """,
    str,
)


@dataclass(frozen=True, slots=True)
class Moving:
    """A table whose rows move to the kept customer, and back."""

    place: str
    move: Statement[Record]
    move_back: Statement[Record]


@dataclass(frozen=True, slots=True)
class SettingAside:
    """A table whose rows are set aside, and put back."""

    place: str
    set_aside: Scalar[bool]
    take_back: Statement[Record]


def _columns() -> list[Column[Any]]:
    """Every column that holds a customer's id."""
    head = METADATA.tables[HEAD].c.id
    return [
        column
        for table in METADATA.sorted_tables
        if table.name not in _OWN and not table.name.startswith("customer_merge")
        for column in table.columns
        if column.name == "customer_id" or column.references(head)
    ]


def _key(column: Column[Any]) -> str | None:
    """The id of the rows of its table; None where a row stands once per customer."""
    keys = list(column.table.primary_key)
    own = len(keys) == 1 and not column.primary_key and isinstance(keys[0].type, Uuid)
    return keys[0].name if own and column.table.name not in _ASIDE else None


def _place(column: Column[Any]) -> str:
    name: str = column.table.name
    return name if column.name == "customer_id" else f"{name}.{column.name}"


def _moving(column: Column[Any], key: str) -> Moving:
    parts = {"table": column.table.name, "column": column.name, "key": key, "place": _place(column)}
    only = _ONLY.get(_place(column), "true")
    return Moving(_place(column), Statement(_MOVE, **parts, only=only), Statement(_MOVE_BACK, **parts))


def _setting_aside(column: Column[Any]) -> SettingAside:
    place = _place(column)
    parts = {"table": column.table.name, "column": column.name, "place": place}
    return SettingAside(
        place,
        Scalar(_SET_ASIDE, bool, **parts, where=_WHERE.get(place, "true")),
        Statement(_TAKE_BACK, **parts),
    )


_WITH_KEYS: Final = [(column, _key(column)) for column in _columns()]
MOVING: Final = tuple(_moving(column, key) for column, key in _WITH_KEYS if key is not None)
SET_ASIDE: Final = tuple(_setting_aside(column) for column, key in _WITH_KEYS if key is None or _place(column) in _ONLY)


async def put_back(transaction: Connection, merge_id: UUID, place: str) -> None:
    """Puts the rows of a table back as they were; columns that came since have their defaults."""
    known = await _KNOWN_COLUMNS.all(transaction, merge_id=merge_id, place=place)
    table = place.split(".", maxsplit=1)[0]
    columns = [column.name for column in METADATA.tables[table].columns if column.name in known]
    if columns:
        read = ", ".join(_ANEW.get((place, name), f"r.{name}") for name in columns)
        statement = Statement(_PUT_BACK, table=table, place=place, columns=", ".join(columns), read=read)
        await statement.execute(transaction, merge_id=merge_id)
