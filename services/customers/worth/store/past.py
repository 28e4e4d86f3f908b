"""What nobody is notified of any more: months that are closed, and what lay before customers were registered."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.customers.worth.domain.telling import Past
from shared.statement import Reader, Scalar, Statement

_CLOSED: Final = Scalar("SELECT coalesce(max(month), -1) FROM closed_month", int)
_REGISTERED: Final = Statement(
    "SELECT customer_id, (registered_at AT TIME ZONE :zone)::date AS day FROM archive"
    " WHERE customer_id = ANY (:ids::uuid[])",
    lambda customer_id, day: (customer_id, day),
)
"""By hand: the archive is a room above."""


async def known(reader: Reader, ids: Sequence[UUID], zone: str) -> Past:
    """What is past for these customers."""
    return Past(await _CLOSED.only(reader), dict(await _REGISTERED.all(reader, ids=ids, zone=zone)))
