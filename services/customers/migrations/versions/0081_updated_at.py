"""When invoices, ties, win-backs, plans, key accounts, people, owners, prospects and rebates last changed.

Safe on a live table: columns that may be null, without a value; who reads takes the moment of entering where there is
none. Older releases leave them as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None
SERVES = "0013"

_TABLES = ("payment", "tie", "winback", "signal_plan", "key_account", "person", "owner", "prospect", "rebate")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_column(table, "updated_at")
