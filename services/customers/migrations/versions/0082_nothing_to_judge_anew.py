"""Where nobody was judged there is nothing to be judged anew for what a release keeps more: costs of a year's purchases.

Safe on a live table: it has a row for each judging of everybody.
"""

from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("UPDATE worth_pass SET keeps = 3 WHERE keeps < 3 AND NOT EXISTS (SELECT FROM customer_worth)")


def downgrade() -> None:
    """Nothing to be done."""
