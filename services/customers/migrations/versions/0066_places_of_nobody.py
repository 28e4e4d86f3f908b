"""Where nobody was judged there are no places to be found.

Safe on a live table: it has one row.
"""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        "UPDATE value_placing SET placed_at = '2000-01-01T00:00:00Z'"
        " WHERE placed_at IS NULL AND NOT EXISTS (SELECT FROM customer_worth)"
    )


def downgrade() -> None:
    """Nothing to be done."""
