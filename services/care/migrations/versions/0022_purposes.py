"""For what somebody looked at what is personal, with the entry of the audit.

Safe on a live table: a column that may be null is added in a moment.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE audit_entry ADD COLUMN purpose text")


def downgrade() -> None:
    op.execute("ALTER TABLE audit_entry DROP COLUMN purpose")
