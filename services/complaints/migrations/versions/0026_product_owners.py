"""Who answers for which product.

Safe on a live table: a new table troubles nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
SERVES = "0009"  # a new table troubles nobody


def upgrade() -> None:
    op.create_table(
        "product_owner",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )


def downgrade() -> None:
    op.drop_table("product_owner")
