"""Writing how many must agree before money leaves a fund."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.complaints.context import Context
from services.complaints.funds.domain import ShareOutOfBounds
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion


async def write(context: Context, share: Decimal, starts_at: datetime | None, *, by: UUID) -> PolicyVersion:
    """Adds a version; what is asked for already keeps its share. Raises ShareOutOfBounds."""
    if not 0 <= share < 1:
        raise ShareOutOfBounds("more than all cannot agree: say 0.00 to 0.99", pointer="#/share")
    return await policies.write(context, "funds", starts_at, lambda _: {"share": str(share)}, by=by)
