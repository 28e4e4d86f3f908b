"""How many days before a window ends that is told, and how far that telling has come.

Safe on a live database: new tables, which older code does not know. The first look after the upgrade tells what is at
risk then. Going back forgets the policy's versions.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
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
