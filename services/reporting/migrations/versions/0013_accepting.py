"""When somebody took a case, and when the time to take it was over.

Safe on a live table: columns without a default are words in the catalogue. A rebuild fills them for what was told before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("complaint_round", sa.Column("accepted_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("complaint_round", sa.Column("accepting_missed_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("complaint_round", "accepting_missed_at")
    op.drop_column("complaint_round", "accepted_at")
