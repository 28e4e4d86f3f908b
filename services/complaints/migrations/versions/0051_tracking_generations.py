"""The complainant's links are counted, so that one that went to a stranger opens nothing any more.

Safe on a live table: a column whose default is a constant. Older code knows the first link alone, and takes no other.
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE complaint ADD COLUMN tracking_generation smallint NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE complaint DROP COLUMN tracking_generation")
