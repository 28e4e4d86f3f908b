"""By what cases are found whose words lie sealed."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from services.complaints.search.domain import LENGTH_OF_PARTS

MOST_OF_A_COUNT: Final = 8
"""Digits of the longest count in a number: a hundred million cases."""
NUMBER_PARTS: Final = (
    "ARRAY["
    + ", ".join(
        f"substr(number_reversed, {n}, {LENGTH_OF_PARTS})" for n in range(1, MOST_OF_A_COUNT - LENGTH_OF_PARTS + 2)
    )
    + "]"
)
"""The short parts of the count in a number, from its end: by these it is found in part (SQL, the index is on it). The
parts of its day are left out, because too many numbers have them."""


class CaseTraceRow(ComplaintsTable, table=True):
    """What a case can be found by, kept after it was recorded: nothing in it can be read back.

    `grams` are keyed hashes of the bigrams of its words and of all that was said since (decision 20), `contact_trace`
    that of a contact, and `number_reversed` begins with the end of its number. `at`, when the case was recorded,
    orders what is found.
    """

    __tablename__ = "case_trace"
    __table_args__ = (
        Index("case_trace_at", "at", "complaint_id"),
        Index("case_trace_grams", "grams", postgresql_using="gin"),
        Index("case_trace_contact", "contact_trace", postgresql_where=text("contact_trace IS NOT NULL")),
        Index("case_trace_number", "number_reversed"),
        Index("case_trace_number_parts", text(f"({NUMBER_PARTS})"), postgresql_using="gin"),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    at: datetime
    number_reversed: str
    contact_trace: bytes | None
    grams: list[int] = Field(sa_type=ARRAY(BigInteger))


class ContactTraceRow(ComplaintsTable, table=True):
    """A keyed hash of a phone or an address by which a customer is reached: so the customer's cases are found."""

    __tablename__ = "contact_trace"
    __table_args__ = (Index("contact_trace_customer", "customer_id"),)

    trace: bytes = Field(primary_key=True)
    customer_id: UUID = Field(primary_key=True)
