"""What was entered wrongly in a case, and is put right (decision 21)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import Words
from shared.contracts.complaints import CaseKind
from shared.errors import Invalid

WHAT: Final = "complaint.corrected"
"""In the audit."""
CORRECTED: Final = "corrected"
"""By this word a correction stands in the history of its case."""


class NothingToCorrect(Invalid):
    slug = "nothing-to-correct"
    title = "The case says this already"


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
            words=replace(self.words, against=against.name) if against else self.words,
        )
        if after == self:
            raise NothingToCorrect(
                "give a customer, a subject, a batch, or whom it is against, other than the case has"
            )
        return after


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right, and why; None leaves what was entered."""

    customer_id: UUID | None
    subject: str | None
    against: Against | None
    batch: str | None
    reason: str
