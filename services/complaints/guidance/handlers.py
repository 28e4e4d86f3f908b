"""Writing guidance."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.context import Context
from services.complaints.guidance.domain import check_complete
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from shared.languages import Language


async def write(
    context: Context, language: Language, guidance: Mapping[str, Any], starts_at: datetime | None, *, by: UUID
) -> PolicyVersion:
    """Adds a version with other guidance in one language. Raises GuidanceIncomplete."""
    check_complete(guidance)
    return await policies.write(
        context, "reply_guidance", starts_at, lambda before: {**before, language: guidance}, by=by
    )
