"""Orders to make good what was missed.

Safe on a live database: a new table, which older code does not know. Going back forgets who ordered what; the tasks by
which it was to be done stay.
"""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    op.drop_index("make_good_once", table_name="make_good", postgresql_where=sa.text("dropped_at IS NULL"))
    op.drop_table("make_good")
