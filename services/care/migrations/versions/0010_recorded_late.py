"""Touches say when they were entered, and whether after their day.

Columns that are nullable or have a constant default rewrite nothing; code of the revision before writes without them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("task", sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("task", sa.Column("recorded_late", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("task", "recorded_late")
    op.drop_column("task", "recorded_at")
