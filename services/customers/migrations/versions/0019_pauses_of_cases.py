"""A case shown to who answers a call says what is due once its pause is over at its longest end.

Safe on a live table: two nullable columns are added. What stands still meanwhile says so until it is paused again or runs.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column("customer_case", sa.Column("paused_until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("customer_case", sa.Column("due_after_pause", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("customer_case", "due_after_pause")
    op.drop_column("customer_case", "paused_until")
