"""Purchases of a span of months are found by ranges of blocks, which nothing else is looked up by.

The index of 0076 was of all that is not undone: a table without statistics, as while a first million is entered, looked
up each customer's last purchase in it, one scan of everything for each. Safe on a live table: the new index is tiny, a
million purchases take about a second, in which recording one waits. Older code uses neither.
"""

from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("DROP INDEX purchase_month")
    op.execute("CREATE INDEX purchase_months ON purchase USING brin (month)")


def downgrade() -> None:
    op.execute("DROP INDEX purchase_months")
    op.execute("CREATE INDEX purchase_month ON purchase (month) WHERE reversed_at IS NULL")
