"""Reading one case; what lists and the queue show of each, too (`lists/queries.py`).

Rows are dicts whose values are JSON already, made so by the columns of the statements (by hand for that reason): they
go to orjson as they are, and nothing is done per row that PostgreSQL can do.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from services.complaints.cases.domain import ComplaintNotFound, Details, Words
from services.complaints.cases.store import details
from services.complaints.context import Context
from shared.auth.visibility import subordinates
from shared.sealed_contacts import opened_name
from shared.statement import Statement, with_parts

Row: TypeAlias = dict[str, Any]

DUE = "coalesce(due_at, CASE WHEN next_alarm_at <= :now THEN due_after_pause END)"
"""When an answer is or was due: a pause is over at its longest end, whether or not a timer has noticed; else null."""
SUMMARY = with_parts(
    """
id::text AS id, number, state, nullif(substr('ABCD', tier_rank, 1), '') AS tier, round, {due} AS answer_due_at,
{due} IS NULL AS paused, (breached_at IS NOT NULL OR stopped_at IS NULL AND {due} <= :now) IS TRUE AS overdue,
answered_at, escalation_level, responsible_id::text AS responsible_id,
accountable_id::text AS accountable_id, taken_over, customer_id::text AS customer_id,
kind, subject, channel, batch, recorded_at
""",
    due=DUE,
)
"""The fields of a case in a list, as they are answered; late by the times themselves."""
NAMES = """
(SELECT n.name FROM directory_name n WHERE n.id = c.customer_id) AS customer_name,
CASE WHEN NOT EXISTS (SELECT FROM directory_name n WHERE n.id = c.customer_id)
    THEN (SELECT k.sealed FROM contact k WHERE k.customer_id = c.customer_id) END AS contact,
CASE c.against_type
    WHEN 'person' THEN (SELECT a.name FROM directory_staff a WHERE a.id = c.against_id)
    WHEN 'department' THEN (SELECT a.name FROM directory_department a WHERE a.id = c.against_id)
    ELSE (SELECT a.name FROM directory_name a WHERE a.id = c.against_id)
END AS against_name
"""
"""The customer's name (of who is no store, sealed: `customer_name`), and what the directory calls whom or what a case
is against."""
_WHOLE = with_parts(
    """
{summary}, {names}, against_type, against_id::text AS against_id, words, details, touch_id::text AS touch_id,
purchase_id::text AS purchase_id, happened_at,
resolved_at, closed_at, started_at, version, valid, good_faith,
coalesce(repeat_count, CASE WHEN kind IN ('suggestion', 'enquiry') THEN 0 ELSE 1 END) AS repeat_count,
repeat_of::text AS repeat_of, parent_id::text AS parent_id,
(SELECT name FROM directory_staff WHERE id = c.responsible_id) AS handler_name,
(SELECT name FROM directory_staff WHERE id = c.accountable_id) AS accountable_name,
recorded_by::text AS recorded_by, (SELECT name FROM directory_staff WHERE id = c.recorded_by) AS recorder_name
""",
    summary=SUMMARY,
    names=NAMES,
)
ONE = Statement("SELECT {whole} FROM complaint c WHERE c.id = :id", whole=_WHOLE)
_ONE_OF_TEAM = Statement(
    """
    SELECT {whole} FROM complaint c
    WHERE c.id = :id
        AND (ARRAY[recorded_by, responsible_id, accountable_id] && ARRAY({people} UNION ALL ({followed}))
             OR EXISTS (SELECT 1 FROM customer_ref r WHERE r.id = c.customer_id AND r.team && ARRAY({people})))
    """,
    whole=_WHOLE,
    people=subordinates(),
    followed="""
    WITH RECURSIVE followed (id) AS (
        SELECT s.id FROM directory_staff s WHERE s.successor_id = :viewer AND NOT s.active
        UNION SELECT s.id FROM followed f JOIN directory_staff s ON s.successor_id = f.id AND NOT s.active
    ) SELECT id FROM followed
    """,
)
"""Who does the work of somebody who left sees what that person saw of cases of their own."""
_EARLIER_ROUNDS = Statement(
    """
    SELECT round, started_at, due_at AS answer_due_at, answered_at, resolved_at, closed_at,
           breached_at IS NOT NULL AS overdue, escalation_level
    FROM complaint_round WHERE complaint_id = :id AND round < :present ORDER BY round
    """
)

_SAFETY_CLOCK = Statement(
    """
    SELECT report_due_at AS due_at, missed_at, reported_at, report_no
    FROM adverse_reaction WHERE complaint_id = :id AND counts
    """
)
"""By hand, as its capability stands above this one."""


async def read_case(context: Context, id_: UUID, *, viewer: UUID | None) -> tuple[Row, list[Row]]:
    """The row of a case and its earlier rounds. Raises ComplaintNotFound.

    With a viewer only what concerns that person or their people, by the customer's team, as handler or accountable
    person or whom one of them has left the work to, or by intake; anything else is as if it were not there.
    """
    async with context.database.connection() as reader:
        now = context.clock.now()
        if viewer is None:
            row = await ONE.one(reader, now=now, id=id_)
        else:
            row = await _ONE_OF_TEAM.one(reader, now=now, id=id_, viewer=viewer)
        if row is None:
            raise ComplaintNotFound("no complaint has this id")
        present = row["round"]  # few cases have earlier ones, so these are a statement of their own
        earlier = await _EARLIER_ROUNDS.all(reader, id=id_, present=present) if present > 1 else []
    return dict(row.items()), _rows(earlier)


def customer_name(context: Context, row: Row) -> str | None:
    """Takes the customer's name out of a row that was read with NAMES; null where it is nobody's customer, or their
    contact has not been told of."""
    store: str | None = row.pop("customer_name")
    contact: bytes | None = row.pop("contact")
    return opened_name(context.contacts, UUID(row["customer_id"]), contact) if contact is not None else store


def details_of(context: Context, id_: UUID, row: Row) -> Details:
    """What else was said, unsealed."""
    return details.opened(context.words, id_, row["details"])


async def safety_clock(context: Context, id_: UUID) -> Row | None:
    """Until when the authority must hear of a case's adverse reaction; None where there is none that counts."""
    row = await _SAFETY_CLOCK.one(context.database, id=id_)
    return dict(row.items()) if row is not None else None


async def require_seen(context: Context, id_: UUID, *, viewer: UUID | None) -> None:
    """Raises ComplaintNotFound where the case is not the viewer's to see."""
    if viewer is not None:
        await read_case(context, id_, viewer=viewer)


def words_of(context: Context, id_: UUID, row: Row) -> Words:
    """What people said, unsealed."""
    return Words(**orjson.loads(context.words.open(row["words"], id_.bytes)))


def _rows(found: Iterable[Any]) -> list[Row]:
    return [dict(row.items()) for row in found]
