"""Judging everybody says of how many.

Safe on a live table: a column without a value. Older code leaves it empty.
"""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE worth_pass ADD COLUMN customers integer")


def downgrade() -> None:
    op.drop_column("worth_pass", "customers")
