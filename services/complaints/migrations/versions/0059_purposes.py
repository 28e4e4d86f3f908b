"""For what somebody looked at what is personal, with the entry of the audit.

Safe on a live table: a column that may be null is added in a moment.
"""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE audit_entry ADD COLUMN purpose text")


def downgrade() -> None:
    op.execute("ALTER TABLE audit_entry DROP COLUMN purpose")
