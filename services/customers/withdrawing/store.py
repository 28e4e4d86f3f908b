"""Removing customers whom an import had registered, as long as nothing was built on them."""

from collections.abc import Sequence
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
    "ownership", "opportunity", "prospect", "prospect.referred_by_customer_id",
    "competitor_sighting", "elsewhere_report", "signal", "tie",
    "signal_plan", "potential", "key_account", "key_account_score", "account_plan_item", "account_risk",
    "compensation_cost", "loss",
)  # fmt: skip
"""Where something stands that others have entered or told of a customer."""


def _of(place: str) -> tuple[str, str]:
    table, _, column = place.partition(".")
    return table, column or "customer_id"


def _exists(place: str) -> str:
    table, column = _of(place)
    return f"EXISTS (SELECT FROM {table} b WHERE b.{column} = made.id)"


_STANDS: Final = " OR ".join(map(_exists, BUILT))
_BUILT_ON = Scalar(
    """
    SELECT made.id FROM unnest(:ids::uuid[], :versions::integer[]) AS made (id, version)
    JOIN customer c ON c.id = made.id WHERE c.version <> made.version OR {stands} ORDER BY made.id LIMIT :most
    """,
    UUID,
    stands=_STANDS,
)
MADE_BUILT_ON = with_parts(
    """
    SELECT 'customer:' || made.id FROM import_made made JOIN customer c ON c.id = made.id
    WHERE made.import_id = :id AND (c.version <> made.version OR {stands}) ORDER BY made.id LIMIT :most
    """,
    stands=_STANDS,
)
"""The same of all whom an import (`:id`) has made, as far as they are told."""
MADE_STANDS: Final = with_parts(
    """
    SELECT made.id || ':' || stands.place
    FROM import_made made JOIN customer c ON c.id = made.id CROSS JOIN LATERAL (
        SELECT 'customer' AS place WHERE c.version <> made.version UNION {stands}
    ) AS stands
    WHERE made.import_id = :id AND made.id = ANY (:ids::uuid[]) ORDER BY made.id, stands.place
    """,
    stands=" UNION ".join(f"SELECT '{_of(each)[0]}' WHERE {_exists(each)}" for each in BUILT),
)
"""What stands of some of them: the tables in which it does."""
_REMOVE: Final = tuple(
    Statement(f"DELETE FROM {table} WHERE {column} = ANY(:ids::uuid[])")  # noqa: S608  names of our own tables
    for table, column in map(_of, OWN)
)


async def built_on(reader: Reader, made: Sequence[tuple[UUID, int]]) -> set[UUID]:
    """Those of held customers (id, version) who have changed since, or of whom something stands."""
    ids, versions = [id_ for id_, _ in made], [version for _, version in made]
    return set(await _BUILT_ON.all(reader, ids=ids, versions=versions, most=len(made)))


async def remove(transaction: Connection, ids: Sequence[UUID]) -> None:
    """Removes held customers of whom nothing stands, with their keys."""
    for statement in _REMOVE:
        await statement.execute(transaction, ids=ids)
