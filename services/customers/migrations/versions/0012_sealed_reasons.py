"""Reasons of tiers set by hand lie sealed: `words`.

Safe on a live table: a column without a default is a word in the catalogue. What stands in `reason` is sealed and emptied
by the worker, which has the key; older code reads an empty reason then, and what it writes is sealed later.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE tier_override ADD COLUMN words bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE tier_override DROP COLUMN words")
