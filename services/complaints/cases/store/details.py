"""What else was said when a case was recorded, sealed beside its words."""

from datetime import date
from uuid import UUID

import orjson

from services.complaints.cases.domain import NOTHING_ELSE, Details
from shared.personal import Vault


def sealed(vault: Vault, id_: UUID, details: Details) -> bytes | None:
    """As a case keeps them; None where nothing was said."""
    return vault.seal(orjson.dumps(details), _identity(id_)) if details != NOTHING_ELSE else None


def opened(vault: Vault, id_: UUID, sealed: bytes | None) -> Details:
    """Those of a case."""
    if sealed is None:
        return NOTHING_ELSE
    said = orjson.loads(vault.open(sealed, _identity(id_)))
    for day in ("bought_on", "reaction_on"):
        if said.get(day) is not None:
            said[day] = date.fromisoformat(said[day])
    return Details(**{**said, "symptoms": tuple(said.get("symptoms", ()))})


def _identity(id_: UUID) -> bytes:
    """Other than that of the case's words, so that neither opens in the other's place."""
    return id_.bytes + b":details"
