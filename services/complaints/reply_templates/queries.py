"""Which wordings hold."""

from datetime import datetime

from services.complaints.policies.store import in_force
from services.complaints.reply_templates.domain import LetterChannel, ReplyTemplate
from shared.languages import Language
from shared.statement import Reader


async def template_of(
    reader: Reader, channel: LetterChannel, language: Language, at: datetime
) -> tuple[int, ReplyTemplate]:
    """The version in force, and how it words this channel and language."""
    policy = await in_force(reader, "reply_templates", at)
    return policy.version, ReplyTemplate.kept(policy.definition[channel][language])
