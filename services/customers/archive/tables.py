"""The archive of customers, beside their heads (domain 2.1)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import byte_strings


class ArchiveRow(CustomersTable, table=True):
    """What is known of a customer.

    `personal` is sealed: phones, e-mails, address, birthday, and the name of a person. `folded` is a store's trading
    name as it is searched, `words` its characters and pairs of characters and those of its legal name; `traces` is the
    keyed blind index for exact look-up. Legal name and licence of a store are matters of business; those of a person
    are sealed in `legal`, which older releases leave as it is.
    """

    __tablename__ = "archive"
    __table_args__ = (
        CheckConstraint("kind IN ('store', 'person')", name="archive_kind"),
        CheckConstraint("(kind = 'store') = (name IS NOT NULL)", name="archive_only_stores_are_named"),
        UniqueConstraint("external_no", name="archive_external_no"),
        Index("archive_region", "region_id", "customer_id"),
        Index("archive_stage", "stage", "customer_id", postgresql_where=text("stage IS NOT NULL")),
        Index("archive_registered", "registered_at", "customer_id"),
        Index("archive_words", "words", postgresql_using="gin"),
        Index("archive_traces", "traces", postgresql_using="gin"),
        Index(
            "archive_openings",
            text("(EXTRACT(month FROM opened_on) * 100 + EXTRACT(day FROM opened_on))"),
            "customer_id",
            postgresql_where=text("kind = 'store' AND opened_on IS NOT NULL"),
        ),
        Index("archive_sounds", "sounds", postgresql_using="gin", postgresql_where=text("sound IS NOT NULL")),
        Index("archive_unheard", "customer_id", postgresql_where=text("kind = 'store' AND sound IS NULL")),
        Index(
            "archive_name",
            text("coalesce(nullif(sound, ''), folded)"),
            "customer_id",
            postgresql_where=text("folded IS NOT NULL"),
        ),
        Index("archive_unnamed", "customer_id", postgresql_where=text("folded IS NULL")),
        Index(
            "archive_registered_by", "registered_by", "customer_id", postgresql_where=text("registered_by IS NOT NULL")
        ),
    )

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    kind: str
    name: str | None
    folded: str | None
    external_no: str | None
    region_id: UUID | None = Field(foreign_key="region.id")
    stage: str | None
    """Of older releases, and null: the stage stands in `customer_worth`. Goes when none of them runs any more."""
    language: str
    time_zone: str | None
    opened_on: date | None
    registered_at: datetime
    personal: bytes
    legal: bytes | None = None
    legal_name: str | None = None
    licence_no: str | None = None
    credit_rating: str | None = None
    words: list[str] = Field(sa_type=ARRAY(String))
    """An array of varchar, as it was made: PostgreSQL would write the table anew to make it text[]."""
    registered_by: UUID | None
    erased_at: datetime | None = None
    """When a person was erased: nothing personal stands here any more, and nothing comes back."""
    traces: list[bytes] = byte_strings()
    sound: str | None
    """How a store's name is spoken in pinyin, a space, and its initials; null until it has been heard."""
    sounds: list[str] = Field(sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"})
    """What the beginnings of its syllables and its initials are indexed by."""
