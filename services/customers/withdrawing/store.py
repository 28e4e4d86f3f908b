"""Removing customers whom an import had registered, as long as nothing was built on them."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from shared.db import Connection
from shared.statement import Reader, Scalar, Statement, with_parts

OWN: Final = (
    "duplicate_pair.one_id", "duplicate_pair.other_id", "duplicate_key", "duplicate_due", "archive_change",
    "archive_standing", "worth_mark", "early_warning", "segment_change", "stage_change", "customer_worth",
    "expectation", "listing", "archive", "personal_key.subject_id", "customer.id",
)  # fmt: skip
"""What the registration itself has brought or caused, in the order in which it can go."""
BUILT: Final = (
    "customer_case", "churn_signal", "erasure", "last_touch", "month_total", "promise", "tier_change", "contract",
    "credit_limit", "customer_tag", "note", "owner", "payment", "person", "purchase", "rebate", "shelf_share",
    "tier_override", "loyalty_rating", "segment_override", "winback", "traits", "account_team", "important_date",
    "ownership", "opportunity", "prospect", "prospect.referred_by_customer_id", "competitor_sighting",
    "elsewhere_report", "signal", "tie", "signal_plan", "potential", "key_account", "key_account_score",
    "account_plan_item", "account_risk", "compensation_cost", "loss", "dismissal",
    "customer_merge.into_id",
)  # fmt: skip
"""Where something stands that others have entered or told of a customer, or that names them."""
TAKEN_BACK: Final[Mapping[str, str]] = {
    "compensation_cost": "b.withdrawn",
    "competitor_sighting": "b.withdrawn_at IS NOT NULL",
    "contract": "b.withdrawn_at IS NOT NULL",
    "credit_limit": "b.amount IS NULL",
    "customer_merge.into_id": "b.unmerged_at IS NOT NULL",
    "dismissal": "b.withdrawn_at IS NOT NULL",
    "elsewhere_report": "b.withdrawn_at IS NOT NULL",
    "loss": "b.withdrawn_at IS NOT NULL",
    "month_total": "b.amount = 0",
    "payment": "b.withdrawn_at IS NOT NULL",
    "purchase": "b.reversed_at IS NOT NULL",
    "rebate": "b.withdrawn_at IS NOT NULL",
    "signal": "b.ended_at IS NOT NULL",
    "tier_change": "true",
    "tier_override": "b.ended_at < b.until",
}
"""When a row of those builds nothing any more. A change of tier never does by itself: what caused it does."""


def _of(place: str) -> tuple[str, str]:
    table, _, column = place.partition(".")
    return table, column or "customer_id"


def _standing(place: str) -> str:
    """The rows of a place that still stand on the customer `made.id`."""
    table, column = _of(place)
    back = TAKEN_BACK.get(place)
    still = f" AND ({back}) IS NOT TRUE" if back else ""
    return f"FROM {table} b WHERE b.{column} = made.id{still}"


_CHANGED: Final = """
    SELECT a.field FROM archive_change a WHERE a.customer_id = made.id AND a.about IS NULL
        AND a.field NOT IN ('credit_limit', 'owner_id', 'tag') AND a.field NOT LIKE 'team.%' GROUP BY a.field
    HAVING bool_or(a.sealed IS NOT NULL)
        OR (array_agg(a.said -> 'from' ORDER BY a.id))[1]
            IS DISTINCT FROM (array_agg(a.said -> 'to' ORDER BY a.id DESC))[1]
"""
"""Fields that have another value than at first, but those that stand in places of their own; of a sealed one that is
not seen, and it counts as changed."""
_UNEXPLAINED: Final = """
    c.version > made.version + (SELECT count(*) FROM tier_change t WHERE t.customer_id = made.id)
        + (SELECT count(*) FROM archive_change a WHERE a.customer_id = made.id)
        + 3 * (SELECT count(*) FROM customer_merge g WHERE made.id IN (g.into_id, g.merged_id))
"""
"""Whether the head has changed by more than its tier, its merges, and what the history of the archive tells."""
_OTHER: Final = f"c.version <> made.version AND (EXISTS ({_CHANGED}) OR {_UNEXPLAINED})"
"""The version first: of the many who stand as they were registered no history is read."""
_STANDS: Final = " OR ".join((f"({_OTHER})", *(f"EXISTS (SELECT {_standing(each)})" for each in BUILT)))
_COUNTED: Final = " UNION ALL ".join(
    (
        f"SELECT 'customer', count(*) FROM ({_CHANGED}) f",  # noqa: S608  names of our own tables
        f"SELECT 'customer', 1 WHERE {_UNEXPLAINED}",
        *(f"SELECT '{_of(each)[0]}', count(*) {_standing(each)}" for each in BUILT),
    )
)
_BUILT_ON = Scalar(
    """
    SELECT made.id FROM unnest(:ids::uuid[], :versions::integer[]) AS made (id, version)
    JOIN customer c ON c.id = made.id WHERE c.version <> made.version OR {marked} ORDER BY made.id LIMIT :most
    """,
    UUID,
    marked=" OR ".join(
        f"EXISTS (SELECT FROM {table} b WHERE b.{column} = made.id)" for table, column in map(_of, BUILT)
    ),
)
MADE_BUILT_ON = with_parts(
    """
    (SELECT 'customer:' || made.id FROM import_made made JOIN customer c ON c.id = made.id
     WHERE made.import_id = :id AND ({stands}) ORDER BY made.id LIMIT :most)
    UNION
    (SELECT 'customer:' || made.id FROM import_made made JOIN customer_merge m ON m.merged_id = made.id
     WHERE made.import_id = :id AND m.unmerged_at IS NULL ORDER BY made.id LIMIT :most)
    """,
    stands=_STANDS,
)
"""Whom an import (`:id`) has made and something still stands of, as far as they are told, or who was merged."""
MADE_STANDING = with_parts(
    """
    (SELECT made.id || ':' || k.place || ':' || sum(k.many)
     FROM import_made made JOIN customer c ON c.id = made.id CROSS JOIN LATERAL ({counted}) AS k (place, many)
     WHERE made.import_id = :id AND made.id = ANY(:ids::uuid[]) AND k.many > 0
     GROUP BY made.id, k.place ORDER BY made.id, k.place LIMIT :most)
    UNION ALL
    (SELECT made.id || ':' || 'customer_merge' || ':' || 1
     FROM import_made made JOIN customer_merge m ON m.merged_id = made.id
     WHERE made.import_id = :id AND made.id = ANY(:ids::uuid[]) AND m.unmerged_at IS NULL ORDER BY made.id LIMIT :most)
    """,
    counted=_COUNTED,
)
"""What stands of some of them: customer, the table in which it does, and how much."""
_REMOVE: Final = tuple(
    Statement(f"DELETE FROM {table} WHERE {column} = ANY(:ids::uuid[])")  # noqa: S608  names of our own tables
    for table, column in map(_of, OWN)
)


async def built_on(reader: Reader, made: Sequence[tuple[UUID, int]]) -> set[UUID]:
    """Those of held customers (id, version) who have changed since, or of whom anything is known, taken back or not:
    what is told of them needs them still."""
    ids, versions = [id_ for id_, _ in made], [version for _, version in made]
    return set(await _BUILT_ON.all(reader, ids=ids, versions=versions, most=len(made)))


async def remove(transaction: Connection, ids: Sequence[UUID]) -> None:
    """Removes held customers of whom nothing is known but what they came with, with their keys."""
    for statement in _REMOVE:
        await statement.execute(transaction, ids=ids)
