"""Who supervised the person when a task was missed, because they are charged for it whoever supervises later.

Safe on a live table: a column that may be null is added in a moment. What was missed before has none.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE task ADD COLUMN supervisor_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE task DROP COLUMN supervisor_id")
