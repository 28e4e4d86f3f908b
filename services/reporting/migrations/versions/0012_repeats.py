"""The how-manieth of its kind in the month a case is.

A column with a constant default rewrites nothing; code of the revision before writes without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("complaint", sa.Column("repeat_count", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("complaint", "repeat_count")
