"""When somebody last spoke with a customer, as care tells it, for who answers a call.

Safe on a live table: a new one.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE last_touch (
            task_id uuid PRIMARY KEY,
            customer_id uuid NOT NULL,
            kind text NOT NULL,
            role text NOT NULL,
            contact text NOT NULL,
            staff_id uuid,
            at timestamptz NOT NULL,
            minutes integer
        )
        """
    )
    op.execute("CREATE INDEX last_touch_of ON last_touch (customer_id, at)")


def downgrade() -> None:
    op.execute("DROP TABLE last_touch")
