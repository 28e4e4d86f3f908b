"""Who hears of an answer's clock, and when, as a policy says it.

Safe on a live table: the column is nullable and has no default, so nothing is rewritten. Policies of before have none in
it, which stands for the levels there always were.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE clock_policy ADD COLUMN levels jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE clock_policy DROP COLUMN levels")
