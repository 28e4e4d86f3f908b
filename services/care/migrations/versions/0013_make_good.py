"""Orders to make good what was missed; when colleagues are away and stores are closed; what is told to be at risk.

Safe on a live database: new tables, which older code does not know, and a nullable column of tasks, which rewrites
nothing; older code tells misses without an excuse. The first look after the upgrade tells what is at risk then. Going
back forgets all of it; the tasks by which misses were to be made good stay.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.create_table(
        "make_good",
        sa.Column("make_good_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("dropped_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("make_good_id"),
    )
    op.create_index(
        "make_good_once", "make_good", ["task_id"], unique=True, postgresql_where=sa.text("dropped_at IS NULL")
    )
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
    op.create_table(
        "at_risk_policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("set_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "at_risk_reach",
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("days"),
    )
    op.execute("INSERT INTO at_risk_policy (version, days) VALUES (1, '{5,2}')")
    op.execute(
        """
        INSERT INTO at_risk_reach (days, due_at, task_id)
        SELECT days, 'epoch', '00000000-0000-0000-0000-000000000000' FROM unnest(ARRAY[5, 2]) AS days
        """
    )


def downgrade() -> None:
    op.drop_table("at_risk_reach")
    op.drop_table("at_risk_policy")
    op.drop_column("task", "excuse")
    op.drop_table("absence")
    op.drop_table("make_good")
