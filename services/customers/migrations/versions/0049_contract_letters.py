"""Joint letters as they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.create_table(
        "contract_letter",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"]),
        sa.PrimaryKeyConstraint("contract_id", "language"),
    )


def downgrade() -> None:
    op.drop_table("contract_letter")
