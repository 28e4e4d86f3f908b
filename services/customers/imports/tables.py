"""Import jobs: the sealed upload, what was read of it, and the list of bad rows (domain 2.3, decision 13)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, numeric, smallint


class ImportJobRow(CustomersTable, table=True):
    """A job with its figures and the place that it has reached.

    `rows_unfit` were refused while reading, `rows_refused` while applying. Rows that are taken with a warning:
    `rows_noted` while reading, `rows_alike` while applying. `at_row` is the last row of a customers file that was
    applied; the other `at_…` columns are where the parts of a purchases file begin (releases before parts were applied
    up to there). `holder` works on it until `held_until`, on the database's clock.
    """

    __tablename__ = "import_job"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('customers', 'purchases', 'payments', 'contracts', 'contacts')", name="import_job_kind"
        ),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="import_job_state"),
        Index("import_job_waiting", "id", postgresql_where=text("NOT swept")),
        Index(
            "import_job_undoing",
            "undo_asked_at",
            postgresql_where=text("undo_asked_at IS NOT NULL AND undone_at IS NULL"),
        ),
        Index("import_job_previewed", "finished_at", postgresql_where=text("preview IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    state: str
    mapping: dict[str, str] = jsonb()
    defaults: dict[str, str] = jsonb()
    sealed_defaults: bytes | None
    encoding: str = Field(sa_column_kwargs={"server_default": ""})
    date_format: str = Field(sa_column_kwargs={"server_default": ""})
    sheet: str = Field(sa_column_kwargs={"server_default": ""})
    sheet_read: str | None
    preview: bytes | None
    dry_run: bool
    create_customers: bool
    size: int = Field(sa_type=BigInteger)
    created_by: UUID
    created_at: datetime
    finished_at: datetime | None
    bytes_read: int = Field(sa_type=BigInteger)
    rows_total: int = Field(sa_type=BigInteger)
    rows_unfit: int = Field(sa_type=BigInteger)
    rows_noted: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    rows_ok: int = Field(sa_type=BigInteger)
    rows_repeated: int = Field(sa_type=BigInteger)
    rows_refused: int = Field(sa_type=BigInteger)
    rows_alike: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    at_customer: str
    at_moment: datetime
    at_content: UUID
    at_row: int = Field(sa_type=BigInteger)
    at_ordinal: int
    trouble: str | None
    trouble_detail: str | None
    attempts: int = smallint()
    holder: UUID | None
    held_until: datetime | None
    swept: bool
    """Whether the upload and what was read of it are gone, after the end."""
    undoable: bool = Field(sa_column_kwargs={"server_default": "false"})
    undo_asked_at: datetime | None
    undo_asked_by: UUID | None
    undo_place: UUID | None
    """The last id that was looked at; what an import made is undone in the order of ids."""
    undone_at: datetime | None
    rows_undone: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    rows_left: int = Field(sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})


class ImportChunkRow(CustomersTable, table=True):
    """A part of the uploaded file, sealed; any worker can read it."""

    __tablename__ = "import_chunk"

    import_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True)
    sealed: bytes


class ImportPartRow(CustomersTable, table=True):
    """A range of the customers of a purchases file, up to `upto`, and the last row applied of it with its ordinal.

    Logged, unlike the rows: what is applied outlives a crash that they do not.
    """

    __tablename__ = "import_part"

    import_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    upto: str
    at_customer: str
    at_moment: datetime
    at_content: UUID
    at_row: int = Field(sa_type=BigInteger)
    at_ordinal: int


class ImportMadeRow(CustomersTable, table=True):
    """A customer, payment, contract or person that an import made; a purchase says itself from which import it is."""

    __tablename__ = "import_made"

    import_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    id: UUID = Field(primary_key=True)
    version: int
    created: bool


class ImportReadingRow(CustomersTable, table=True):
    """How far a file has been read. Not logged: it goes with `import_row` when the server crashes."""

    __tablename__ = "import_reading"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    import_id: UUID = Field(primary_key=True)
    last_row: int = Field(sa_type=BigInteger)
    whole: bool


class ImportRow(CustomersTable, table=True):
    """A good row of a purchases file in the order of applying: by customer and time, equal rows one after the other.

    `month` is `Month.ordinal` in the company's zone, `numbered` the identity that the external number gives.
    Not logged: after a crash of the server the file is read again, with the same result.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        Index("import_row_numbered", "import_id", "numbered", "row_no", postgresql_where=text("numbered IS NOT NULL")),
        {"prefixes": ["UNLOGGED"]},
    )

    import_id: UUID = Field(primary_key=True)
    customer_no: str = Field(primary_key=True)
    occurred_at: datetime = Field(primary_key=True)
    content: UUID = Field(primary_key=True)
    row_no: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    month: int
    amount: Decimal = numeric(12, 2)
    brand_id: UUID | None
    external_no: str | None
    numbered: UUID | None
    order_no: str | None
    receipt_no: str | None
    lines: list[dict[str, Any]] | None = jsonb()


class ImportFaultRow(CustomersTable, table=True):
    """Why a row is bad, or what it was warned of; `field` is empty where it is about the whole row."""

    __tablename__ = "import_fault"

    import_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    row_no: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    field: str = Field(primary_key=True)
    trouble: str
    detail: str | None
    """The cell's address, or the values that are taken; never what the cell holds."""
