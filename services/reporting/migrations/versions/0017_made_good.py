"""Touches say what excuses a miss, until when it is to be made good, and whether it was.

Safe on a live table: columns without a default are words in the catalogue.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("touch", sa.Column("excuse", sa.Text(), nullable=True))
    op.add_column("touch", sa.Column("make_good_until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("touch", sa.Column("made_good_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("touch", sa.Column("make_good_missed_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("touch", "make_good_missed_at")
    op.drop_column("touch", "made_good_at")
    op.drop_column("touch", "make_good_until")
    op.drop_column("touch", "excuse")
