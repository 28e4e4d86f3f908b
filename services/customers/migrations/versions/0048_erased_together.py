"""Who was merged into somebody who is erased: erased with them.

Safe on a live table: a constant default rewrites nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column(
        "erasure", sa.Column("merged_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("erasure", "merged_ids")
