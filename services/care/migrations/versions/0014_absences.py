"""When colleagues are away and stores are closed, and what that excuses.

Safe on a live database: a new table, and a nullable column of tasks, which rewrites nothing; older code tells misses
without an excuse. Going back forgets both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("whose", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "absence_of", "absence", ["whose", "last_day"], unique=False, postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.add_column("task", sa.Column("excuse", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("task", "excuse")
    op.drop_index("absence_of", table_name="absence", postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.drop_table("absence")
