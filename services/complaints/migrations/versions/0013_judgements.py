"""How a case is judged, and what became of what in its history.

Safe on a live table: columns without a default are words in the catalogue. Older code leaves them alone.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE complaint ADD COLUMN valid boolean, ADD COLUMN good_faith boolean")
    op.execute("ALTER TABLE case_entry ADD COLUMN changes jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE case_entry DROP COLUMN changes")
    op.execute("ALTER TABLE complaint DROP COLUMN good_faith, DROP COLUMN valid")
