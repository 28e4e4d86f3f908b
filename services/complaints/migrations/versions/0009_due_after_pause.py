"""The due moment of a paused clock once its pause is over: reads need no timer to notice it.

Safe on a live table: a column without a default is a word in the catalogue. Cases that are paused already have none, and
wait for the timer as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
SERVES = "0008"  # code before it leaves the column alone


def upgrade() -> None:
    op.add_column("complaint", sa.Column("due_after_pause", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("complaint", "due_after_pause")
