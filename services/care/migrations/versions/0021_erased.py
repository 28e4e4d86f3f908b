"""Who was erased, so that nothing that is told later brings them back.

Safe on a live table: a column that may be null is added in a moment.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE account ADD COLUMN erased_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE account DROP COLUMN erased_at")
