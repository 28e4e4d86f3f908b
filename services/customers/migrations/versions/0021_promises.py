"""What customers were promised, as complaints tell it: code and date, for who answers a call.

Safe on a live table: a new one.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE promise (
            commitment_id uuid PRIMARY KEY,
            customer_id uuid NOT NULL,
            complaint_id uuid,
            staff_id uuid NOT NULL,
            code text NOT NULL,
            due_at timestamptz NOT NULL,
            owed boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX promise_owed ON promise (customer_id, due_at) WHERE owed")


def downgrade() -> None:
    op.execute("DROP TABLE promise")
