"""A clock policy can be withdrawn: by whom, when and why.

Safe on a live table: three columns without a default are words in the catalogue.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock_policy", sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("clock_policy", sa.Column("withdrawn_by", sa.Uuid(), nullable=True))
    op.add_column("clock_policy", sa.Column("withdrawn_because", sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("withdrawn_because", "withdrawn_by", "withdrawn_at"):
        op.drop_column("clock_policy", name)
