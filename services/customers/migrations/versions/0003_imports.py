"""Import jobs: the upload in sealed chunks, what was read of it, the bad rows."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE import_job (
        id uuid PRIMARY KEY,
        kind varchar NOT NULL,
        state varchar NOT NULL,
        mapping jsonb NOT NULL,
        defaults jsonb NOT NULL,
        dry_run boolean NOT NULL,
        create_customers boolean NOT NULL,
        size bigint NOT NULL,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        bytes_read bigint NOT NULL,
        rows_total bigint NOT NULL,
        rows_unfit bigint NOT NULL,
        rows_ok bigint NOT NULL,
        rows_repeated bigint NOT NULL,
        rows_refused bigint NOT NULL,
        at_customer varchar NOT NULL,
        at_moment timestamptz NOT NULL,
        at_content uuid NOT NULL,
        at_row bigint NOT NULL,
        at_ordinal integer NOT NULL,
        trouble varchar,
        trouble_detail varchar,
        attempts smallint NOT NULL,
        holder uuid,
        held_until timestamptz,
        swept boolean NOT NULL,
        CONSTRAINT import_job_kind CHECK (kind IN ('customers', 'purchases')),
        CONSTRAINT import_job_state CHECK (state IN ('queued', 'running', 'done', 'failed'))
    )
    """,
    "CREATE INDEX import_job_waiting ON import_job (id) WHERE NOT swept",
    """
    CREATE TABLE import_chunk (
        import_id uuid NOT NULL REFERENCES import_job,
        number integer NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (import_id, number)
    )
    """,
    # Sealed bytes do not compress, and trying costs more than storing them.
    "ALTER TABLE import_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL",
    "CREATE UNLOGGED TABLE import_reading (import_id uuid PRIMARY KEY, last_row bigint NOT NULL, whole boolean NOT NULL)",
    """
    CREATE UNLOGGED TABLE import_row (
        import_id uuid NOT NULL,
        customer_no varchar NOT NULL,
        occurred_at timestamptz NOT NULL,
        content uuid NOT NULL,
        row_no bigint NOT NULL,
        month integer NOT NULL,
        amount numeric(12, 2) NOT NULL,
        brand_id uuid,
        external_no varchar,
        numbered uuid,
        PRIMARY KEY (import_id, customer_no, occurred_at, content, row_no)
    )
    """,
    "CREATE INDEX import_row_numbered ON import_row (import_id, numbered, row_no) WHERE numbered IS NOT NULL",
    """
    CREATE TABLE import_fault (
        import_id uuid NOT NULL REFERENCES import_job,
        row_no bigint NOT NULL,
        field varchar NOT NULL,
        trouble varchar NOT NULL,
        PRIMARY KEY (import_id, row_no, field)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE import_fault, import_row, import_reading, import_chunk, import_job")
