"""The parts of a purchases file that are applied side by side keep their places.

Safe on a live table: it is new. Older code that takes over a file under way begins it where its parts began, records no
row twice, and counts those that are in as repeated.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.create_table(
        "import_part",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upto", sa.Text(), nullable=False),
        sa.Column("at_customer", sa.Text(), nullable=False),
        sa.Column("at_moment", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("at_content", sa.Uuid(), nullable=False),
        sa.Column("at_row", sa.BigInteger(), nullable=False),
        sa.Column("at_ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["import_job.id"],
        ),
        sa.PrimaryKeyConstraint("import_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("import_part")
