"""Whom notices of fault are addressed to, for what waits for a person.

Safe on a live table: few notices are ever issued, the index is built in a moment.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("CREATE INDEX fault_notice_to ON fault_notice (to_id, internal_id)")


def downgrade() -> None:
    op.execute("DROP INDEX fault_notice_to")
