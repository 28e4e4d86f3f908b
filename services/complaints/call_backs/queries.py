"""When a complainant is called back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.complaints.call_backs.domain import CallBackPolicy, is_called
from services.complaints.cases.domain import Case
from services.complaints.policies.store import in_force
from shared.statement import Reader


async def day_of(reader: Reader, case: Case, closed_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Beginning and end of the day on which the complainant is called, by the policy in force; None where nobody is."""
    if not is_called(case, closed_at):
        return None
    policy = await in_force(reader, "call_backs", closed_at)
    return CallBackPolicy.kept(policy.version, policy.definition).day_after(closed_at, zone)
