"""Since when a warning stands as it was told last, and when that was noticed; whether places among all have changed by
history alone.

Safe on a live table: columns without a value, and one in a table of one row.
"""

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE early_warning ADD COLUMN since date, ADD COLUMN noticed_at timestamptz")
    op.execute("ALTER TABLE value_placing ADD COLUMN live boolean NOT NULL DEFAULT false")
    op.execute("UPDATE value_placing SET live = EXISTS (SELECT FROM customer_worth)")


def downgrade() -> None:
    op.drop_column("value_placing", "live")
    op.drop_column("early_warning", "noticed_at")
    op.drop_column("early_warning", "since")
