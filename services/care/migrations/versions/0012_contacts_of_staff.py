"""Where colleagues are reached has a table of its own, sealed; until it is filled, the directory's addresses stay.

Safe on a live database: a new table, which older code does not know. On the way back addresses are lost until the
directory lists them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.create_table(
        "staff_contact",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id"),
    )


def downgrade() -> None:
    op.drop_table("staff_contact")
