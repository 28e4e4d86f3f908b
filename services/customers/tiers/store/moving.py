"""The common tables that move standing tiers, with history and events: part of every statement that moves some."""

from services.customers.tiers.domain.standing import Move
from shared.bus.sql_events import SqlEvent
from shared.contracts.customers import TierChanged
from shared.statement import with_parts
from shared.telemetry import current_traceparent

_CHANGED = SqlEvent(
    contract=TierChanged,
    fields={
        "customer_id": "id",
        "from_tier": "from_tier",
        "to_tier": "to_tier",
        "cause": ":cause::text",
        "total": "total",
        "policy_version": "policy_version",
        "at": ":at::timestamptz",
        "month": ":month_written::text",
    },
    key="id",
    aggregate_id="id",
    version="version",
    at=":at",
    historical=":historical",
)
MOVE = with_parts(
    """moved AS (
    UPDATE customer c SET tier = t.tier, version = c.version + 1
    FROM target t WHERE c.id = t.id AND c.version = t.version
    RETURNING c.id, c.version, t.standing AS from_tier, t.tier AS to_tier, t.total, t.policy_version
), kept AS (
    INSERT INTO tier_change (customer_id, version, from_tier, to_tier, at, cause, total, policy_version, month)
    SELECT id, version, from_tier, to_tier, :at, :cause::text, total, policy_version, :month::integer FROM moved
), told AS (
    {append}
)""",
    append=_CHANGED.append_from("moved"),
)
"""Moves whoever is in `target`; a row that changed meanwhile is left alone (its version differs)."""

WANTED = "(SELECT count(*) FROM target) AS wanted, (SELECT count(*) FROM moved) AS changed"


def move_values(move: Move) -> dict[str, object]:
    """What moves them, as the values of every statement with MOVE in it."""
    month = move.month
    return {
        "at": move.at,
        "cause": move.cause,
        "historical": move.historical,
        "traceparent": current_traceparent(),
        "month_written": None if month is None else str(month),
        "month": None if month is None else month.ordinal,
    }
