"""What was granted in a month is found by the month.

Safe on a live table: an index over what is granted, a few rows for each case; built while writers wait, a second for a
million rows.
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("CREATE INDEX compensation_month ON compensation (month) WHERE state = 'granted'")


def downgrade() -> None:
    op.execute("DROP INDEX compensation_month")
