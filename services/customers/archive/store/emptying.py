"""Emptying the archive of a person who was erased."""

from datetime import datetime

from services.customers.archive.domain import Customer
from services.customers.archive.store import sealing
from shared.db import Connection
from shared.key_ring import PersonalVault
from shared.statement import Statement

_EMPTY = Statement(
    """
    WITH head AS (UPDATE customer SET version = :version WHERE id = :id), key AS (
        DELETE FROM personal_key WHERE subject_id = :id
    )
    UPDATE archive
    SET personal = :personal, words = '{}', traces = '{}', language = :language, time_zone = :time_zone,
        opened_on = :opened_on, legal = NULL, credit_rating = NULL, erased_at = :at
    WHERE customer_id = :id
    """
)
"""By hand: head, key and archive in one round trip."""


async def empty(transaction: Connection, customer: Customer, *, at: datetime, personal: PersonalVault) -> None:
    """Writes a locked customer as one who was erased: without a key, nothing of them opens any more."""
    profile = customer.profile
    await _EMPTY.execute(
        transaction,
        id=customer.id,
        version=customer.version,
        personal=sealing.seal(personal.service, customer.id, profile),
        language=profile.language,
        time_zone=profile.time_zone,
        opened_on=profile.opened_on,
        at=at,
    )
