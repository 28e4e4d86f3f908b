"""By what cases are found whose words lie sealed."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from services.complaints.search.domain import LEAST_OF_A_COUNT, LENGTH_OF_PARTS, PLACES

FIRST_PLACES: Final = range(1, LEAST_OF_A_COUNT - LENGTH_OF_PARTS + 2)
"""Where digits stand in every count."""


def digits_at(place: int) -> str:
    """The digits of a number that end so many places before its end, backwards (SQL, an index is on it)."""
    return f"substr(number_reversed, {place:d}, {LENGTH_OF_PARTS:d})"


def has_digits_at(place: int) -> str | None:
    """Whether a count reaches so far, as the index asks it that leaves out shorter ones; None where all do."""
    return None if place in FIRST_PLACES else f"strpos(number_reversed, '-') > {place + LENGTH_OF_PARTS - 1:d}"


def _index_of(place: int) -> Index:
    reaches = has_digits_at(place)
    return Index(
        f"case_trace_digits_{place}",
        text(digits_at(place)),
        "at",
        "complaint_id",
        postgresql_include=["number_reversed"],
        postgresql_where=text(reaches) if reaches else None,
    )


class CaseTraceRow(ComplaintsTable, table=True):
    """What a case can be found by, kept after it was recorded: nothing in it can be read back.

    `grams` are keyed hashes of the bigrams of its words and of all that was said since (decision 20), `contact_trace`
    that of a contact, and `number_reversed` begins with the end of its number: every four digits of its count stand in
    an index of their place, in the order of lists. `at`, when the case was recorded, orders what is found.
    """

    __tablename__ = "case_trace"
    __table_args__ = (
        Index("case_trace_at", "at", "complaint_id"),
        Index("case_trace_grams", "grams", postgresql_using="gin"),
        Index("case_trace_contact", "contact_trace", postgresql_where=text("contact_trace IS NOT NULL")),
        *map(_index_of, PLACES),
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
