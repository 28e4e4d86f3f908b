"""Customers who were none: the import that had registered them was undone.

Safe on a live table: a column without a default.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE customer ADD COLUMN withdrawn_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE customer DROP COLUMN withdrawn_at")
