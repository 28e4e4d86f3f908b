"""Tasks in the database. Whoever changes tasks of customers has locked the customers' rows before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.care.obligations.domain import Every, PerMonth, Window
from services.care.obligations.store import as_json, from_json
from services.care.touches.domain import Proof, Task, TaskKind, TaskState
from shared.contracts.care import Contact
from shared.db import Connection, Database

COLUMNS = """t.id, t.customer_id, t.kind, t.role, t.contact, t.assignee_id, t.state, t.not_before, t.due_at,
t.anchor_at, t.rule, t.complaint_id, t.round, t.version"""

_ADD = """
INSERT INTO task (id, customer_id, kind, role, contact, assignee_id, state, not_before, due_at, anchor_at, rule,
                  complaint_id, round, planned_at)
SELECT id, customer_id, kind, role, contact, assignee_id, 'open', not_before, due_at, anchor_at, rule, complaint_id,
       round, $13
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[],
            $8::timestamptz[], $9::timestamptz[], $10::jsonb[], $11::uuid[], $12::integer[])
     AS t(id, customer_id, kind, role, contact, assignee_id, not_before, due_at, anchor_at, rule, complaint_id, round)
ON CONFLICT DO NOTHING
RETURNING id
"""
_CHANGE = """
UPDATE task SET assignee_id = t.assignee_id, not_before = t.not_before, due_at = t.due_at, anchor_at = t.anchor_at,
                rule = t.rule, version = t.version
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::jsonb[],
            $7::integer[]) AS t(id, assignee_id, not_before, due_at, anchor_at, rule, version)
WHERE task.id = t.id
"""
_END = """
UPDATE task SET state = $2, settled_at = $3, reason = $4, version = version + 1 WHERE id = ANY($1::uuid[])
"""
_FINISH = """
UPDATE task SET state = 'done', settled_at = $2, settled_by = $3, minutes = $4, cost = $5, record = $6, version = $7
WHERE id = $1
"""
_OPEN_OF = f"""
SELECT {COLUMNS} FROM task t
WHERE t.customer_id = ANY($1::uuid[]) AND t.state = 'open' AND t.kind = 'obligation' FOR UPDATE
"""  # noqa: S608  constant column list
_LAST_DONE = """
SELECT customer_id, role, contact, max(settled_at) AS at FROM task
WHERE customer_id = ANY($1::uuid[]) AND state = 'done' AND kind = 'obligation'
GROUP BY customer_id, role, contact
"""
_DUE = "SELECT id, customer_id FROM task WHERE state = 'open' AND due_at <= $1 ORDER BY due_at LIMIT $2"
_LOCK_DUE = f"""
SELECT {COLUMNS} FROM task t
WHERE t.id = ANY($1::uuid[]) AND t.state = 'open' AND t.due_at <= $2
  AND (t.customer_id IS NULL OR t.customer_id = ANY($3::uuid[]))
ORDER BY t.due_at FOR UPDATE SKIP LOCKED
"""  # noqa: S608  constant column list
_NEXT_DUE = "SELECT min(due_at) FROM task WHERE state = 'open'"
_LOCK = f"SELECT {COLUMNS} FROM task t WHERE t.id = $1 FOR UPDATE"  # noqa: S608  constant column list
_LOCK_OPEN = f"""
SELECT {COLUMNS} FROM task t WHERE t.id = ANY($1::uuid[]) AND t.state = 'open' ORDER BY t.id FOR UPDATE
"""  # noqa: S608  constant column list
_TO_REASSIGN = """
SELECT id, customer_id, kind FROM task WHERE state = 'open' AND assignee_id = ANY($1::uuid[])
UNION ALL
SELECT id, customer_id, kind FROM task WHERE state = 'open' AND assignee_id IS NULL AND role = ANY($2::text[])
"""


async def add(transaction: Connection, tasks: Sequence[Task], now: datetime) -> list[Task]:
    """Adds open tasks; returns those that were not there already."""
    if not tasks:
        return []
    rows = await transaction.fetch(
        _ADD,
        [task.id for task in tasks],
        [task.customer_id for task in tasks],
        [task.kind for task in tasks],
        [task.role for task in tasks],
        [task.contact for task in tasks],
        [task.assignee_id for task in tasks],
        [task.window.not_before for task in tasks],
        [task.window.due_at for task in tasks],
        [task.anchor_at for task in tasks],
        [as_json(task.rule) if task.rule else None for task in tasks],
        [task.complaint_id for task in tasks],
        [task.round for task in tasks],
        now,
    )
    added = {row["id"] for row in rows}
    return [task for task in tasks if task.id in added]


async def change(transaction: Connection, tasks: Sequence[Task]) -> None:
    """Stores assignee, window and rule of open tasks in their new version."""
    if tasks:
        await transaction.execute(
            _CHANGE,
            [task.id for task in tasks],
            [task.assignee_id for task in tasks],
            [task.window.not_before for task in tasks],
            [task.window.due_at for task in tasks],
            [task.anchor_at for task in tasks],
            [as_json(task.rule) if task.rule else None for task in tasks],
            [task.version for task in tasks],
        )


async def end(
    transaction: Connection, tasks: Sequence[Task], state: TaskState, at: datetime, reason: str | None = None
) -> None:
    """Ends open tasks as missed or dropped; their version rises by one."""
    if tasks:
        await transaction.execute(_END, [task.id for task in tasks], state, at, reason)


async def finish(transaction: Connection, task: Task, proof: Proof, by: UUID, record: bytes) -> None:
    """Stores a done task in its new version."""
    await transaction.execute(_FINISH, task.id, proof.at, by, proof.minutes, proof.cost, record, task.version)


async def open_of(transaction: Connection, customers: Collection[UUID]) -> list[Task]:
    """The open obligations of customers, locked."""
    return [task_in(row) for row in await transaction.fetch(_OPEN_OF, list(customers))]


async def last_done(
    transaction: Connection, customers: Collection[UUID]
) -> Mapping[UUID, Mapping[tuple[str, Contact], datetime]]:
    """When each kind of obligation was last fulfilled, per customer."""
    found: dict[UUID, dict[tuple[str, Contact], datetime]] = {}
    for row in await transaction.fetch(_LAST_DONE, list(customers)):
        found.setdefault(row["customer_id"], {})[row["role"], row["contact"]] = row["at"]
    return found


async def due(reader: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID | None]]:
    """Ids of tasks whose window has ended, and of their customers, the oldest first."""
    return [(row["id"], row["customer_id"]) for row in await reader.fetch(_DUE, now, most)]


async def lock_due(
    transaction: Connection, ids: Collection[UUID], now: datetime, customers: Collection[UUID]
) -> list[Task]:
    """Those of them that are due still, belong to nobody or to the given customers, and that nobody else holds."""
    return [task_in(row) for row in await transaction.fetch(_LOCK_DUE, list(ids), now, list(customers))]


async def next_due(database: Database) -> datetime | None:
    moment: datetime | None = await database.fetchval(_NEXT_DUE)
    return moment


async def to_reassign(
    transaction: Connection, leavers: Collection[UUID], roles: Collection[str]
) -> list[tuple[UUID, UUID | None, TaskKind]]:
    """Ids, customers and kinds of open tasks of people who left, and of unassigned ones of roles."""
    rows = await transaction.fetch(_TO_REASSIGN, list(leavers), list(roles))
    return [(row["id"], row["customer_id"], TaskKind(row["kind"])) for row in rows]


async def lock_open(transaction: Connection, ids: Collection[UUID]) -> list[Task]:
    """Those of them that are open still, locked."""
    return [task_in(row) for row in await transaction.fetch(_LOCK_OPEN, list(ids))]


async def lock(transaction: Connection, task_id: UUID) -> Task | None:
    row = await transaction.fetchrow(_LOCK, task_id)
    return task_in(row) if row else None


def task_in(row: Any) -> Task:
    """The task in a row of COLUMNS."""
    return Task(
        id=row["id"],
        customer_id=row["customer_id"],
        kind=TaskKind(row["kind"]),
        role=row["role"],
        contact=row["contact"],
        assignee_id=row["assignee_id"],
        window=Window(row["not_before"], row["due_at"]),
        anchor_at=row["anchor_at"],
        rule=_rule(row["rule"]),
        complaint_id=row["complaint_id"],
        round=row["round"],
        state=TaskState(row["state"]),
        version=row["version"],
    )


def _rule(stored: Mapping[str, Any] | None) -> PerMonth | Every | None:
    interval = from_json(stored) if stored else None
    return interval if isinstance(interval, PerMonth | Every) else None
