"""By what it can be shown that a customer said so: sealed, of choices and of proposals.

Safe on a live table: columns that may be null are added in a moment.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE consent_history ADD COLUMN sealed_proof bytea")
    op.execute("ALTER TABLE consent_proposal ADD COLUMN proof bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE consent_proposal DROP COLUMN proof")
    op.execute("ALTER TABLE consent_history DROP COLUMN sealed_proof")
