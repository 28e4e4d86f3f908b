"""Reading many cases: the queue, and lists, narrowed by whatever a desk is asked.

Each set of filters has a statement of its own, made when it is first asked for and kept: with a filter that may be left
out inside one statement, no plan could use the index of those that are given. By hand, as the other reads of cases are
(`cases/queries.py`). Every statement reads a bounded number of rows from an index in the order of the page; where one
index cannot give that order (a department is several people, cases of all tiers by their due moment alone), each part
gives its first rows, and these are put together.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from services.complaints.cases.domain import CaseState
from services.complaints.cases.queries import DUE, NAMES, SUMMARY, Row, customer_name
from services.complaints.context import Context
from services.complaints.lists.domain import Wanted
from services.complaints.search.domain import where_sought
from services.complaints.search.queries import contact_sought, part_sought
from shared.statement import Reader, Scalar, Statement, with_parts

_NAMED: Final = with_parts(
    """
{summary}, {names}, against_type, against_id::text AS against_id,
(SELECT s.name FROM directory_staff s WHERE s.id = c.responsible_id) AS handler_name,
(SELECT s.name FROM directory_staff s WHERE s.id = c.accountable_id) AS accountable_name,
(SELECT s.name_en FROM subject s WHERE s.code = c.subject) AS subject_name_en,
(SELECT s.name_zh FROM subject s WHERE s.code = c.subject) AS subject_name_zh
""",
    summary=SUMMARY,
    names=NAMES,
)
_IS_STORE: Final = "EXISTS (SELECT FROM directory_name n WHERE n.id = c.customer_id)"
LISTED: Final = f"{_NAMED}, CASE WHEN NOT {_IS_STORE} THEN words END AS words"
"""A case with the names that a list shows; the words only where they may tell who complains: of stores they do not."""
_ENTRIES: Final = "FROM case_entry e WHERE e.complaint_id = c.id AND e.words IS NOT NULL ORDER BY e.id"
FOUND: Final = f"""{_NAMED}, words, ARRAY(SELECT e.id {_ENTRIES}) AS entry_ids,
ARRAY(SELECT e.words {_ENTRIES}) AS entry_words"""
"""The same with all words and all that was said since, in which a text is looked for."""
QUEUED: Final = with_parts(
    """
{listed}, tier_rank, queue_at, calendar_version,
CASE WHEN {due} IS NOT NULL THEN greatest(0, ceil(extract(epoch FROM {due} - :now)))::integer END AS seconds_left
""",
    listed=LISTED,
    due=DUE,
)
LATE: Final = with_parts("(breached_at IS NOT NULL OR stopped_at IS NULL AND {due} <= :now) IS TRUE", due=DUE)
_RANK: Final = "(strpos('ABCD', :tier))::smallint"
CONDITIONS: Final[Mapping[str, str]] = {
    "tier": f"tier_rank = {_RANK}",
    "subject": "subject = :subject",
    "channel": "channel = :channel",
    "kind": "kind = :kind",
    "handler_id": "responsible_id = :handler_id",
    "accountable_id": "accountable_id = :accountable_id",
    "against_type": "against_type = :against_type",
    "against_id": "against_id = :against_id",
    "batch": "batch = :batch",
    "due_before": "queue_at < :due_before",
    "recorded_from": "recorded_at >= :recorded_from",
    "recorded_to": "recorded_at < :recorded_to",
    "number": "number = :number",
    "phone": """c.id IN (
        SELECT p.complaint_id FROM case_trace p WHERE p.contact_trace = :phone
        UNION ALL
        SELECT o.id FROM (SELECT r.customer_id FROM contact_trace r WHERE r.trace = :phone
                          UNION SELECT a.id FROM contact_trace r JOIN customer_alias a ON a.kept_id = r.customer_id
                          WHERE r.trace = :phone AND a.into_id IS NOT NULL LIMIT 100) AS reached,
            LATERAL (SELECT x.id FROM complaint x WHERE x.customer_id = reached.customer_id
                     ORDER BY x.recorded_at DESC, x.id DESC LIMIT 1000) AS o
    )""",
}
"""What a filter asks of a row. Closed values (state, unassigned, overdue) stand in the SQL, where partial indexes and
plans see them."""
_OF_DEPARTMENT: Final = "SELECT id AS of_it FROM directory_staff WHERE department_id = :department_id"
_PEOPLE: Final = """
SELECT s.id AS of_it FROM directory_staff s WHERE s.supervisor_id = :against_people_of AND s.id <> :against_people_of
UNION
SELECT s.id FROM directory_department d JOIN directory_staff s ON s.department_id = d.id
WHERE d.manager_id = :against_people_of AND s.id <> :against_people_of
"""
_COLLEAGUES: Final = "SELECT id AS of_it FROM directory_staff WHERE department_id = :against_department_id"
_OF_STORES: Final = """
(SELECT id AS of_it FROM directory_name
 WHERE kind = 'store' AND (detail = :store OR strpos(lower(name), lower(:store)) > 0) LIMIT 200)
UNION SELECT a.id FROM customer_alias a JOIN directory_name n ON n.id = a.kept_id
WHERE a.into_id IS NOT NULL AND (n.detail = :store OR strpos(lower(n.name), lower(:store)) > 0)
"""
"""With those that were merged into them."""
_OF_DAY: Final = """
coalesce(strpos(number, :beginning) = 1, false)
AND recorded_at >= :begin::timestamptz AND recorded_at < :end::timestamptz
"""
"""The day of a number is that of the recording, by which every list is ordered.

The number is no range here: the planner would take it for a second condition, expect next to nothing to meet both, and
put a whole day in order instead of reading a page from the index.
"""
_SAME_CUSTOMER: Final = """
SELECT CAST(:customer_id AS uuid) AS of_it
UNION ALL SELECT id FROM customer_alias WHERE kept_id = :customer_id AND into_id IS NOT NULL
"""
_SEVERAL: Final = {
    "customer_id": (f"({_SAME_CUSTOMER}) AS same", "customer_id = same.of_it"),
    "department_id": (f"({_OF_DEPARTMENT}) AS colleague", "responsible_id = colleague.of_it"),
    "against_people_of": (f"({_PEOPLE}) AS own", "accountable_id = own.of_it"),
    "against_department_id": (f"({_COLLEAGUES}) AS accused", "accountable_id = accused.of_it"),
    "store": (f"({_OF_STORES}) AS store", "customer_id = store.of_it"),
}
"""Filters that are met by several values: where these come from, and what each asks of a row."""
_ONE_OF_SEVERAL: Final = {
    "customer_id": f"customer_id IN ({_SAME_CUSTOMER})",
    "department_id": f"responsible_id IN ({_OF_DEPARTMENT})",
    "against_people_of": f"accountable_id IN ({_PEOPLE})",
    "against_department_id": f"accountable_id IN ({_COLLEAGUES})",
    "store": f"customer_id IN ({_OF_STORES})",
}
"""The same where no index gives the order for each of them anyway."""
KEPT_STATEMENTS: Final = 2_048
_DEPARTMENT: Final = Scalar("SELECT department_id FROM directory_staff WHERE id = :id", UUID)


def asked(wanted: Wanted, *, overdue: str) -> tuple[str, ...]:
    """The conditions of what is wanted, as SQL; those on one of several values stand in `several_of`, that on a
    part of the number in `numbered`."""
    given = wanted.given()
    conditions = [CONDITIONS[name] for name in given if name in CONDITIONS]
    if wanted.state is not None:
        conditions.append(f"state = '{CaseState(wanted.state).value}'")
    if wanted.unassigned is not None:
        conditions.append(f"responsible_id IS {'' if wanted.unassigned else 'NOT '}NULL")
    if wanted.overdue is not None:
        conditions.append(overdue if wanted.overdue else f"NOT {overdue}")
    if wanted.number_part is not None and where_sought(wanted.number_part) == "day":
        conditions.append(_OF_DAY)
    return tuple(conditions)


def listed(wanted: Wanted) -> tuple[str, ...]:
    """The conditions of what is wanted in a list, whatever its state: an answer that was given is due at no moment."""
    waits = ("state = 'open'",) if wanted.due_before is not None and wanted.state is None else ()
    return (*waits, *asked(wanted, overdue=LATE))


def several_of(wanted: Wanted) -> tuple[list[str], list[str]]:
    """Of what several parts a page is put together, and what each asks of a row."""
    chosen = [several for name, several in _SEVERAL.items() if name in wanted.given()]
    return [part for part, _ in chosen], [condition for _, condition in chosen]


def one_of_several(wanted: Wanted) -> list[str]:
    """The conditions on one of several values, where the page is not put together of parts."""
    return [condition for name, condition in _ONE_OF_SEVERAL.items() if name in wanted.given()]


def values_of(wanted: Wanted) -> dict[str, object]:
    """The values of the conditions but of those that search."""
    taken = CONDITIONS.keys() | _SEVERAL.keys()
    return {name: value for name, value in wanted.given().items() if name in taken}


def values_sought(context: Context, wanted: Wanted) -> dict[str, object]:
    """The values of all conditions. Raises SearchTooShort."""
    values = values_of(wanted)
    if wanted.phone is not None:
        values["phone"] = contact_sought(context, wanted.phone)
    if wanted.number_part is not None:
        values |= part_sought(wanted.number_part, context.zone)
    return values


@lru_cache(KEPT_STATEMENTS)
def page(columns: str, conditions: Sequence[str], parts: Sequence[str], order: str, most: int) -> Statement[Any]:
    """A page of cases in an order, from an index that gives it, or from several parts that each do."""
    where, number = " AND ".join(conditions), f"{most:d}"
    if not parts:
        return Statement(
            "SELECT {columns} FROM complaint c WHERE {where} ORDER BY {order} LIMIT {most}",
            columns=columns,
            where=where,
            order=order,
            most=number,
        )
    return Statement(
        """
        SELECT {columns}
        FROM {parts}, LATERAL (SELECT c.* FROM complaint c WHERE {where} ORDER BY {order} LIMIT {most}) AS c
        ORDER BY {order} LIMIT {most}
        """,
        columns=columns,
        parts=", ".join(parts),
        where=where,
        order=order,
        most=number,
    )


async def department_of(reader: Reader, staff_id: UUID) -> UUID | None:
    """The department in which the directory has somebody."""
    return await _DEPARTMENT.one(reader, id=staff_id)


def named(context: Context, found: Iterable[Any]) -> list[Row]:
    """Rows with the names as they are answered."""
    return [_with_names(context, dict(row.items())) for row in found]


def _with_names(context: Context, row: Row) -> Row:
    words, type_, against_id = row.pop("words"), row.pop("against_type"), row.pop("against_id")
    for name in ("entry_ids", "entry_words"):
        row.pop(name, None)
    against_name, is_store = row.pop("against_name"), row["customer_name"] is not None
    row["customer_name"] = customer_name(context, row)
    row["complainant_name"] = None if is_store else _complainant(context, words, row["id"])
    row["handler"] = _colleague(row["responsible_id"], row.pop("handler_name"))
    row["accountable"] = _colleague(row["accountable_id"], row.pop("accountable_name"))
    row["against"] = {"type": type_, "id": against_id, "name": against_name} if type_ is not None else None
    return row


def _colleague(id_: str | None, name: str | None) -> Row | None:
    return {"id": id_, "name": name} if id_ is not None else None


def _complainant(context: Context, words: bytes, id_: str) -> str | None:
    complainant = orjson.loads(context.words.open(words, UUID(id_).bytes))["complainant"]
    return complainant["name"] if complainant else None
