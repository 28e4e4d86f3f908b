"""What stands on a letter on paper; every service that writes one fills this."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Busy


class NotTypeset(Busy):
    """The process that sets it was killed or took too long; it may succeed later."""

    slug = "not-typeset"
    title = "The letter could not be set as PDF"


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """What stands on the paper of a letter."""

    number: str
    language: str
    company: str
    address: str
    line: str
    subject: str
    greeting: str
    paragraphs: Sequence[str]
    closing: str


def complaint_line(line: str, language: str) -> str:
    """The complaint line as the head of a letter says it."""
    return f"投诉热线 {line}" if language == "zh-CN" else f"Complaint line {line}"
