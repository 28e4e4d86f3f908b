"""Writing what replies are made of."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.context import Context
from services.complaints.policies import handlers as policies
from services.complaints.policies.domain import PolicyVersion
from services.complaints.reply_templates.domain import LetterChannel, ReplyTemplate
from shared.languages import Language


async def write(
    context: Context,
    channel: LetterChannel,
    language: Language,
    template: ReplyTemplate,
    starts_at: datetime | None,
    *,
    by: UUID,
) -> PolicyVersion:
    """Adds a version in which this channel and language are worded anew, all others as before.

    Raises UnknownVariable, TemplateHole.
    """
    template.check()

    def define(before: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**before, channel: {**before[channel], language: asdict(template)}}

    return await policies.write(context, "reply_templates", starts_at, define, by=by)
