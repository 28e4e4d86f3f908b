"""Reading the assignment policy."""

from services.complaints.assignment.domain.policies import AssignmentPolicy
from services.complaints.assignment.store import policies
from services.complaints.context import Context


async def list_policies(context: Context) -> list[AssignmentPolicy]:
    """Every version, the latest first."""
    return await policies.versions(context.database)
