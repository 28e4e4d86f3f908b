"""Choices in the database."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.care.consent.domain.choices import About, Choice, Choices, Means
from services.care.messages.domain import Purpose
from shared.db import Connection, Database

_LOCK_SHEET = """
INSERT INTO consent_sheet AS s (customer_id, version) VALUES ($1, 0)
ON CONFLICT (customer_id) DO UPDATE SET version = s.version RETURNING version
"""
_RAISE = "UPDATE consent_sheet SET version = version + 1 WHERE customer_id = $1 RETURNING version"
_OF = "SELECT customer_id, channel, purpose, granted, at, source, by FROM consent WHERE customer_id = ANY($1::uuid[])"
_KEEP = """
WITH said AS (
    SELECT * FROM unnest($2::text[], $3::text[], $4::boolean[]) AS t(channel, purpose, granted)
), history AS (
    INSERT INTO consent_history (customer_id, channel, purpose, granted, at, source, by)
    SELECT $1, channel, purpose, granted, $5, $6, $7 FROM said
)
INSERT INTO consent (customer_id, channel, purpose, granted, at, source, by)
SELECT $1, channel, purpose, granted, $5, $6, $7 FROM said
ON CONFLICT (customer_id, channel, purpose) DO UPDATE
SET granted = EXCLUDED.granted, at = EXCLUDED.at, source = EXCLUDED.source, by = EXCLUDED.by
"""


async def lock_sheet(transaction: Connection, customer_id: UUID) -> int:
    """Locks the customer's sheet, made where there is none; returns its version, 0 for an empty one."""
    version: int = await transaction.fetchval(_LOCK_SHEET, customer_id)
    return version


async def choices_of(reader: Connection | Database, customers: Collection[UUID]) -> Mapping[UUID, Choices]:
    """The present choices; customers without any are not in it."""
    found: dict[UUID, dict[About, Choice]] = {}
    for row in await reader.fetch(_OF, list(customers)):
        about, choice = choice_in(row)
        found.setdefault(row["customer_id"], {})[about] = choice
    return found


async def keep(transaction: Connection, customer_id: UUID, wanted: Mapping[About, bool], choice: Choice) -> int:
    """Stores choices and their history; `choice` says when, how and by whom. Returns the sheet's new version."""
    await transaction.execute(
        _KEEP,
        customer_id,
        [means for means, _ in wanted],
        [purpose for _, purpose in wanted],
        list(wanted.values()),
        choice.at,
        choice.source,
        choice.by,
    )
    version: int = await transaction.fetchval(_RAISE, customer_id)
    return version


def choice_in(row: Any) -> tuple[About, Choice]:
    """What a row of choices or of their history says."""
    about = (Means(row["channel"]), Purpose(row["purpose"]))
    return about, Choice(row["granted"], row["at"], row["source"], row["by"])
