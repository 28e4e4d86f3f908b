"""Two people in a case: whom it is against, and since when the notice has moved the chain to them.

Safe on a live table: columns without a default are words in the catalogue. Cases recorded before have nobody accountable
until a notice names somebody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
SERVES = "0009"  # code before it leaves the columns alone


def upgrade() -> None:
    op.add_column("complaint", sa.Column("accountable_id", sa.Uuid(), nullable=True))
    op.add_column("complaint", sa.Column("noticed_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("complaint", "noticed_at")
    op.drop_column("complaint", "accountable_id")
