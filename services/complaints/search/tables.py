"""By what cases are found whose words lie sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class CaseTraceRow(ComplaintsTable, table=True):
    """What a case can be found by, kept after it was recorded: nothing in it can be read back.

    `grams` are keyed hashes of the bigrams of its words (decision 20), `contact_trace` that of a contact, and
    `number_reversed` begins with the end of its number. `at`, when the case was recorded, orders what is found.
    """

    __tablename__ = "case_trace"
    __table_args__ = (
        Index("case_trace_at", "at", "complaint_id"),
        Index("case_trace_grams", "grams", postgresql_using="gin"),
        Index("case_trace_contact", "contact_trace", postgresql_where=text("contact_trace IS NOT NULL")),
        Index("case_trace_number", "number_reversed"),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    at: datetime
    number_reversed: str
    contact_trace: bytes | None
    grams: list[int] = Field(sa_type=ARRAY(BigInteger))
