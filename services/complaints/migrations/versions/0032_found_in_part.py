"""Cases are found by what stands anywhere in their number, and by how their customer is reached.

The index on parts of numbers is built over what is kept of every case: a million of them take some ten seconds, in which
reads go on and what would be kept of new cases waits; recording does not. The table is new and empty; it is filled as
contacts are listed.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
SERVES = "0009"

PARTS = ", ".join(f"substr(number_reversed, {n}, 3)" for n in range(1, 16))


def upgrade() -> None:
    op.execute(f"CREATE INDEX case_trace_number_parts ON case_trace USING gin ((ARRAY[{PARTS}]))")
    op.execute(
        """
        CREATE TABLE contact_trace (
            trace bytea NOT NULL,
            customer_id uuid NOT NULL,
            PRIMARY KEY (trace, customer_id)
        )
        """
    )
    op.execute("CREATE INDEX contact_trace_customer ON contact_trace (customer_id)")


def downgrade() -> None:
    op.execute("DROP TABLE contact_trace")
    op.execute("DROP INDEX case_trace_number_parts")
