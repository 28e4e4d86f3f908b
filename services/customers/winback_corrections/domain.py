"""Putting an outcome right: what came of a case is said anew with a reason, and what was said first stays beside it.

Who was dismissed is not any longer. The case does not go on: should it be tried again, another one is opened.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.customers.winbacks.domain import EndOfTrying, Winback
from shared.errors import Conflict


class WinbackGoesOn(Conflict):
    slug = "winback-goes-on"
    title = "The win-back case has no outcome yet"


def corrected(
    case: Winback, outcome: EndOfTrying, at: datetime, by: UUID, words: bytes | None, *, observed_days: int
) -> Winback:
    """With another outcome since it has ended. Raises WinbackGoesOn."""
    if case.ended_at is None:
        raise WinbackGoesOn("say what came of it: POST /customers/v1/winbacks/{id}/outcome")
    return replace(
        case,
        version=case.version + 1,
        outcome=outcome,
        observed_until=case.ended_at + timedelta(days=observed_days) if outcome == "returned" else None,
        corrected_from=case.outcome,
        corrected_at=at,
        corrected_by=by,
        correction_words=words,
    )
