"""A mark by which a process reads of merges only what it does not know yet, and what had come with those that were
taken back.

Safe on a live table: a constant default rewrites nothing, and the table has a row for each merge.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.add_column("customer_alias", sa.Column("mark", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index("customer_alias_mark", "customer_alias", ["mark"], unique=False)
    op.add_column("customer_merge", sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_column("customer_merge", "moved")
    op.drop_index("customer_alias_mark", table_name="customer_alias")
    op.drop_column("customer_alias", "mark")
