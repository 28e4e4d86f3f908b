"""The history of a penalty says why it was taken back, also where no person did it.

Safe on a live table: a column without a default. Older code leaves it empty, and of what it wrote nothing is known.
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE penalty_entry ADD COLUMN cause text")


def downgrade() -> None:
    op.execute("ALTER TABLE penalty_entry DROP COLUMN cause")
