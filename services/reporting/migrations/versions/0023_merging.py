"""Which customers were merged into which, as customers told of it (domain 2.1).

Safe on a live table: it is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.create_table(
        "customer_alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("kept_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_alias_kept", "customer_alias", ["kept_id"], unique=False)


def downgrade() -> None:
    op.drop_index("customer_alias_kept", table_name="customer_alias")
    op.drop_table("customer_alias")
