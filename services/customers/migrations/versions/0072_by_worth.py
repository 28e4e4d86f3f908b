"""Customers are listed by what they are worth, and by when they were changed or registered.

Safe on a live table: indexes of narrow columns; a million customers take some two seconds, in which registering and
judging wait. Older code uses none of them.
"""

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("CREATE INDEX archive_registered ON archive (registered_at, customer_id)")
    op.execute("CREATE INDEX customer_worth_value ON customer_worth (value, customer_id)")
    op.execute("CREATE INDEX customer_worth_credit ON customer_worth (credit, customer_id)")
    op.execute("CREATE INDEX customer_worth_loyalty ON customer_worth (loyalty, size, customer_id)")


def downgrade() -> None:
    op.execute("DROP INDEX customer_worth_loyalty, customer_worth_credit, customer_worth_value, archive_registered")
