"""What complaints publishes of product safety: adverse reactions, their reports to the authority, alarms of batches.

Products and batches are those of the company's goods, as they stand on the pack; nothing here is of a person.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CASES, CaseFact, Fact

Severity = Literal["mild", "moderate", "severe", "public_danger"]
"""How bad an adverse reaction is, in its order."""


class ComplaintReactionRecorded(CaseFact):
    """What is known of a case's adverse reaction was entered or put right after the case was recorded."""

    TYPE: ClassVar[str] = "crm.complaint.reaction_recorded"
    number: str
    severity: Severity | None = None
    """None: it is none after all."""
    batch: str | None = None


class ComplaintSafetyReportDue(CaseFact):
    """So much of the time has passed in which the authority must hear of an adverse reaction."""

    TYPE: ClassVar[str] = "crm.complaint.safety_report_due"
    number: str
    severity: Severity
    percent: Annotated[int, Field(ge=1, le=99)]
    due_at: datetime


class ComplaintSafetyReportMissed(CaseFact):
    """The authority has not heard in time of an adverse reaction; told once, `at` is the moment that was missed."""

    TYPE: ClassVar[str] = "crm.complaint.safety_report_missed"
    number: str
    severity: Severity
    due_at: datetime


class ComplaintSafetyReported(CaseFact):
    """The authority was told of an adverse reaction; `at` is when. Told again where that was put right."""

    TYPE: ClassVar[str] = "crm.complaint.safety_reported"
    number: str
    severity: Severity
    due_at: datetime
    in_time: bool


class BatchFact(Fact):
    """What every event of a batch says."""

    TOPIC: ClassVar[str] = CASES
    batch_id: UUID
    product: str | None = None
    """None where no case said which."""
    batch: str
    alarm: int
    """The how-manieth of this batch: another one may follow after one was lifted."""
    at: datetime


class BatchRecorded(BatchFact):
    """Administration recorded a batch, or changed what it says of it."""

    TYPE: ClassVar[str] = "crm.batch.recorded"
    made_on: date | None = None
    expires_on: date | None = None
    sale_stopped_at: datetime | None = None
    """Since when it is not to be sold; None: it may be."""


class BatchAlarmed(BatchFact):
    """So many adverse reactions to one batch within so many days: whoever bought it is to be warned."""

    TYPE: ClassVar[str] = "crm.batch.alarmed"
    cases: int
    """The reactions that count by now."""
    first_on: date
    last_on: date
    """The days of the first and the last of those that raised it."""
    customers: int
    """How many bought it within the time of the policy and have not given all of it back."""
    customer_ids: list[UUID] = Field(default_factory=list)
    """These, up to 500; further ones follow as `batch.extended`."""
    policy_version: int


class BatchExtended(BatchFact):
    """A further reaction to a batch whose alarm stands, or further buyers of it."""

    TYPE: ClassVar[str] = "crm.batch.extended"
    complaint_id: UUID | None = None
    """The case that was added; None where only buyers were."""
    cases: int
    customer_ids: list[UUID] = Field(default_factory=list)
    """The buyers of whom nobody has told yet, up to 500 an event."""


class BatchLifted(BatchFact):
    """Administration has lifted the alarm: nobody need be warned any longer."""

    TYPE: ClassVar[str] = "crm.batch.lifted"
