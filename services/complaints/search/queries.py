"""What is sought, as statements compare it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from services.complaints.context import Context
from services.complaints.search.domain import begins, check_part, check_text, says
from services.complaints.search.store import contact_trace
from shared.bigrams import hashes_of

MOST_GRAMS = 24
"""Of a longer text the first ones narrow enough; the rest is verified after unsealing."""
_ABOVE = "\U0010ffff"


def grams_sought(context: Context, text: str) -> list[int]:
    """The hashes that a case must have which says the text. Raises SearchTooShort."""
    check_text(text)
    return hashes_of(context.traces.digest, [text])[:MOST_GRAMS]


def contact_sought(context: Context, phone: str) -> bytes:
    """The blind index of a phone number in E.164."""
    return contact_trace(context.traces, phone)


def part_sought(part: str) -> tuple[str, str]:
    """From where to where an index is read for a part of a number. Raises SearchTooShort."""
    check_part(part)
    lowest = part.upper() if begins(part) else part.upper()[::-1]
    return lowest, lowest + _ABOVE


def verified(context: Context, row: Mapping[str, Any], text: str) -> bool:
    """Whether the words of a case say the text indeed, once they are unsealed."""
    return says(orjson.loads(context.words.open(row["words"], UUID(row["id"]).bytes)), text)
