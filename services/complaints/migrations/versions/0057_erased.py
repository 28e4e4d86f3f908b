"""Which customers were erased, so that nothing that is told later brings them back.

Safe on a live table: a column that may be null is added in a moment.
"""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE customer_ref ADD COLUMN erased_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE customer_ref DROP COLUMN erased_at")
