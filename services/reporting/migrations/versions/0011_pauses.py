"""The longest end of a round's pause, and when its answer is due if it lasts so long: reads need not be told of its end.

Safe on a live table: columns without a default are words in the catalogue. Rounds that are paused already have neither,
and wait for the news of the end as before; so do those that older code is told of meanwhile.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("complaint_round", sa.Column("paused_until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("complaint_round", sa.Column("due_after_pause", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("complaint_round", "due_after_pause")
    op.drop_column("complaint_round", "paused_until")
