"""Order, receipt and lines of a read row of a purchases file.

Safe on a live table: columns that are null are no rewrite, and the table holds only what is being imported. Older code
goes on to keep rows without them.
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE import_row ADD COLUMN order_no text, ADD COLUMN receipt_no text, ADD COLUMN lines jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE import_row DROP COLUMN lines, DROP COLUMN receipt_no, DROP COLUMN order_no")
