"""Reading guidance."""

from datetime import datetime

from services.complaints.guidance.domain import Hint, hints
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.store import in_force
from shared.languages import Language
from shared.statement import Reader


async def present(reader: Reader, at: datetime) -> PolicyVersion:
    """The version in force."""
    return await in_force(reader, "reply_guidance", at)


async def hints_for(reader: Reader, text: str, language: Language, at: datetime) -> list[Hint]:
    """What of a text looks like a wrong reaction, by the guidance in force."""
    policy = await present(reader, at)
    return hints(text, policy.definition[language]["reactions"])
