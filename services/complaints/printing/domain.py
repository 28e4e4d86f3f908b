"""Replies on paper: one at a time, or a job of many that is set in parts (issue 8, "a thousand letters")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.complaints.reply_letters.domain import ReplyText
from shared.errors import Conflict, Invalid, NotFound
from shared.paper.sheet import LetterSheet

MOST_LETTERS: Final = 2_000
"""Of one job."""
OF_A_PART: Final = 50
"""Letters that are set at once: seconds of work, which a kill costs at most."""
KEPT_FOR: Final = timedelta(days=7)
"""So long a job's documents are there; the letters themselves stay."""
TRIES: Final = 3


class PrintJobNotFound(NotFound):
    slug = "no-such-print-job"
    title = "There is no such print job"


class NothingToPrint(Conflict):
    slug = "nothing-to-print"
    title = "No letter waits for the printer"


class UnknownReply(Invalid):
    slug = "unknown-reply"
    title = "There is no such reply"


class NotPrintedYet(Conflict):
    slug = "not-printed-yet"
    title = "The job is not done"


class PrintState(StrEnum):
    """How a job stands; `failed` when a part could not be set several times."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A job, with how far it is."""

    id: UUID
    state: PrintState
    total: int
    done: int
    asked_at: datetime
    asked_by: UUID
    ended_at: datetime | None


def sheet_of(text: ReplyText, number: str, language: str, head: tuple[str, str, str]) -> LetterSheet:
    """A letter as it is set: the first paragraph greets, the last closes; `head`: company, address, complaint line."""
    first, *others = [each.strip() for each in text.text.split("\n\n") if each.strip()] or [""]
    closing = others.pop() if others else ""
    company, address, line = head
    return LetterSheet(number, language, company, address, line, text.subject, first, others, closing)


def parts_of(ids: Sequence[UUID]) -> list[list[UUID]]:
    """The parts in which a job's letters are set, in their order."""
    return [list(ids[start : start + OF_A_PART]) for start in range(0, len(ids), OF_A_PART)]
