"""The cases of customers, for who answers a call: `customer_case`.

A new table, filled from complaints' log from its beginning.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE customer_case (
            complaint_id uuid PRIMARY KEY,
            customer_id uuid NOT NULL,
            number text NOT NULL,
            kind text NOT NULL,
            subject text NOT NULL,
            state text NOT NULL,
            recorded_at timestamptz NOT NULL,
            answer_due_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX customer_case_open ON customer_case (customer_id) WHERE state IN ('open', 'answered')")


def downgrade() -> None:
    op.execute("DROP TABLE customer_case")
