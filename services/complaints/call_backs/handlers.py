"""Writing when complainants are called back."""

from datetime import datetime
from uuid import UUID

from services.complaints.context import Context
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion


async def write_policy(context: Context, days: int, starts_at: datetime | None, *, by: UUID) -> PolicyVersion:
    """Adds a version; a case that is closed keeps the day that the version of its closing gave it."""
    return await policies.write(context, "call_backs", starts_at, lambda _: {"days": days}, by=by)
