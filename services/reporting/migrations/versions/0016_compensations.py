"""What was given to complainants, month by month.

Safe on a live table: it is new.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE compensation (
            id uuid PRIMARY KEY,
            complaint_id uuid NOT NULL,
            month text NOT NULL,
            kind text NOT NULL,
            cost numeric(16, 2) NOT NULL,
            withdrawn boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX compensation_month ON compensation (month)")


def downgrade() -> None:
    op.execute("DROP TABLE compensation")
