"""By what cases are found: hashes of their words, of contacts, and the ends of their numbers; cases of a customer by date.

A new table, filled from complaints' own log from its beginning. The index of a customer's cases is made anew, because
lists go by the moment of recording.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE case_trace (
            complaint_id uuid PRIMARY KEY REFERENCES complaint (id),
            at timestamptz NOT NULL,
            number_reversed text NOT NULL,
            contact_trace bytea,
            grams bigint[] NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE case_trace ALTER COLUMN grams SET STATISTICS 300")
    op.execute("CREATE INDEX case_trace_at ON case_trace (at, complaint_id)")
    op.execute("CREATE INDEX case_trace_grams ON case_trace USING gin (grams)")
    op.execute("CREATE INDEX case_trace_contact ON case_trace (contact_trace) WHERE contact_trace IS NOT NULL")
    op.execute("CREATE INDEX case_trace_number ON case_trace (number_reversed)")
    op.execute("DROP INDEX complaint_customer")
    op.execute(
        "CREATE INDEX complaint_customer ON complaint (customer_id, recorded_at, id) WHERE customer_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP TABLE case_trace")
    op.execute("DROP INDEX complaint_customer")
    op.execute("CREATE INDEX complaint_customer ON complaint (customer_id, id) WHERE customer_id IS NOT NULL")
