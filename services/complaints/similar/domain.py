"""Cases whose words are alike, found without reading them (decision 20).

How alike two texts are is what their sets of keyed bigrams have in common, over what they have in all: 0 to 1. So that
not every case has to be compared, a few of a case's bigrams stand for it: those with the smallest hashes, which is as
good as drawing them at random, and the same ones from the same words.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import CaseState

STAND_FOR_IT: Final = 8
"""Bigrams that stand for a case: of a text that has half of its bigrams in common, one in 250 is missed."""
LOOKED_UP: Final = 300
"""Bigrams of the case at hand that are looked up at most, with so many of the newest cases for each."""
NEWEST_OF_EACH: Final = 50
COMPARED: Final = 100
"""Cases that are compared whole, those first that have most in common."""
LEAST: Final = Decimal("0.20")
"""From which likeness on a case is suggested; two texts about different matters have 0.02 to 0.10."""
MOST: Final = 10


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A case whose words are alike."""

    id: UUID
    number: str
    state: CaseState
    subject: str
    customer_id: UUID | None
    recorded_at: datetime
    likeness: Decimal
    customer_name: str | None
    complainant_name: str | None


def similar_case(state: str, **fields: object) -> SimilarCase:
    return SimilarCase(state=CaseState(state), **fields)  # type: ignore[arg-type]  # as the statement names them
