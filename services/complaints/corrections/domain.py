"""What was entered wrongly in a case, and is put right (decision 21)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import NothingToCorrect, Words
from services.complaints.history.domain import Scalar, changed
from services.complaints.intake.domain import NobodyComplains
from shared.contracts.complaints import CaseKind

WHAT: Final = "complaint.corrected"
"""In the audit."""


@dataclass(frozen=True, slots=True)
class Against:
    """Whom or what a case is against."""

    type: str
    id: UUID | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Entered:
    """What of a case can be put right, with its words, of which the name it is against is one."""

    kind: CaseKind
    customer_id: UUID | None
    subject: str
    against_type: str | None
    against_id: UUID | None
    recorded_at: datetime
    batch: str | None
    words: Words
    tracking_generation: int

    def corrected(self, correction: "Correction") -> "Entered":
        """As it is afterwards. Raises NothingToCorrect."""
        against = correction.against
        after = replace(
            self,
            customer_id=correction.customer_id or self.customer_id,
            subject=correction.subject or self.subject,
            against_type=against.type if against else self.against_type,
            against_id=against.id if against else self.against_id,
            batch=correction.batch or self.batch,
            words=correction.reworded(self.words),
        )
        if after == self:
            raise NothingToCorrect("give something other than the case has")
        if after.reaches == self.reaches:
            return after
        return replace(after, tracking_generation=self.tracking_generation + 1)

    @property
    def reaches(self) -> str | UUID | None:
        """Who is written to: by the contact given with the case, else the customer."""
        return self.words.complainant["contact"] if self.words.complainant is not None else self.customer_id

    def changes_to(self, after: "Entered") -> dict[str, dict[str, Scalar]]:
        """What became of what. Of words only that they changed: what they were is nobody's to read any more."""
        coded = {name: (getattr(self, name), getattr(after, name)) for name in _CODED}
        spoken = {name: (said(self.words), said(after.words)) for name, said in _SPOKEN.items()}
        reworded = [name for name, (before, now) in spoken.items() if before != now]
        return {**changed(**coded), **{name: {"from": None, "to": None} for name in reworded}}


_CODED: Final = ("customer_id", "subject", "against_type", "against_id", "batch", "tracking_generation")
_SPOKEN: Final[Mapping[str, Callable[[Words], str | None]]] = {
    "against_name": lambda words: words.against,
    "complainant_name": lambda words: words.complainant["name"] if words.complainant else None,
    "complainant_contact": lambda words: words.complainant["contact"] if words.complainant else None,
    "text": lambda words: words.text,
}


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right, and why; None leaves what was entered."""

    customer_id: UUID | None
    subject: str | None
    against: Against | None
    batch: str | None
    reason: str
    name: str | None = None
    """Of the complainant."""
    contact: str | None = None
    """Of the complainant."""
    text: str | None = None
    """What the complainant said."""

    @property
    def of_the_customer(self) -> "Correction":
        """What of it concerns a case that hangs on the one that it is said of."""
        return Correction(self.customer_id, None, None, None, self.reason)

    def reworded(self, words: Words) -> Words:
        """The words as they are afterwards. Raises NobodyComplains where half of a complainant is said."""
        complainant = words.complainant
        if self.name is not None or self.contact is not None:
            given = {"name": self.name, "contact": self.contact}
            said = {**(complainant or {}), **{field: value for field, value in given.items() if value is not None}}
            if len(said) < len(given):
                raise NobodyComplains(
                    "the customer stands for the complainant so far: give name and contact", pointer="#/complainant"
                )
            complainant = said
        return replace(
            words,
            against=self.against.name if self.against else words.against,
            complainant=complainant,
            text=self.text or words.text,
        )
