"""Whom a case is against, and the notice that stands.

Safe on a live table: columns without a default are words in the catalogue; a rebuild fills them for cases of before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
SERVES = "0009"  # code before it leaves the columns alone


def upgrade() -> None:
    op.add_column("complaint", sa.Column("accountable_id", sa.Uuid(), nullable=True))
    op.add_column("complaint", sa.Column("notice_number", sa.Text(), nullable=True))
    op.add_column("complaint", sa.Column("notice_deadline", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("complaint", sa.Column("notice_acknowledged_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("complaint", "notice_acknowledged_at")
    op.drop_column("complaint", "notice_deadline")
    op.drop_column("complaint", "notice_number")
    op.drop_column("complaint", "accountable_id")
