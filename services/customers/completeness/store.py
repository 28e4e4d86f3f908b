"""What of a customer is filled in archive and traits, for judging it anew."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.customers.personal_keys.store import key_in
from services.customers.traits import domain as traits
from services.customers.traits.store import kinds_by_code, opened
from shared.db import Connection
from shared.key_ring import PersonalVault
from shared.statement import Statement

_TRAITS: Final = Statement(
    """
    SELECT t.customer_id, t.version, t.size_m2, t.staff_count, t.funds, t.shelf_share, t.more, t.sealed, t.changed_at,
        k.sealed_by, k.wrapped
    FROM traits t LEFT JOIN personal_key k ON k.subject_id = t.customer_id WHERE t.customer_id = ANY(:ids::uuid[])
    """
)


async def traits_filled(transaction: Connection, ids: Sequence[UUID], personal: PersonalVault) -> dict[UUID, list[str]]:
    """Customer -> which traits are said, of those who have any."""
    rows = await _TRAITS.all(transaction, ids=ids)
    kinds = await kinds_by_code(transaction) if rows else {}
    return {
        row["customer_id"]: traits.filled(
            opened(row, row["customer_id"], personal.of(row["customer_id"], key_in(row)), kinds)
        )
        for row in rows
    }
