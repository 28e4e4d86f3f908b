"""The order and the receipt of a purchase, and what was entered in the place of one that was undone.

Safe on a live table: columns that are null are no rewrite. Older code goes on to record purchases without them.
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE purchase ADD COLUMN order_no text, ADD COLUMN receipt_no text")
    op.execute("ALTER TABLE purchase_reversal ADD COLUMN replaced_by uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE purchase_reversal DROP COLUMN replaced_by")
    op.execute("ALTER TABLE purchase DROP COLUMN receipt_no, DROP COLUMN order_no")
