"""Touches say whether they were entered after their day.

A column with a constant default rewrites nothing; code of the revision before writes without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
SERVES = "0008"


def upgrade() -> None:
    op.add_column("touch", sa.Column("recorded_late", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("touch", "recorded_late")
