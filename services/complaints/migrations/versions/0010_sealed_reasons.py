"""Why a clock policy was withdrawn lies sealed: `withdrawn_words`.

Safe on a live table: a column without a default is a word in the catalogue. What stands in `withdrawn_because` is sealed
and emptied by the worker, which has the key.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE clock_policy ADD COLUMN withdrawn_words bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE clock_policy DROP COLUMN withdrawn_words")
