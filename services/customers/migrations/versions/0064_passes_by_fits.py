"""Everybody is judged anew by a new fit of who still buys.

Safe on a live table: it has a row for each time that everybody was judged.
"""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE worth_pass ADD COLUMN fit_id uuid")


def downgrade() -> None:
    op.drop_column("worth_pass", "fit_id")
