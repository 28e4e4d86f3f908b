"""When something came last into a closed month that no revision has taken up, and when each month was closed first.

Safe on a live table: columns without a default, on a table of a row a month. What waits for a revision by now counts as
come at this moment; a month was closed first when its latest revision says so, at the latest. Older code writes rows
without either: what it makes stale counts as come when the month was closed.
"""

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE closed_month ADD COLUMN stale_at timestamptz, ADD COLUMN first_closed_at timestamptz")
    op.execute("UPDATE closed_month SET first_closed_at = closed_at, stale_at = CASE WHEN stale THEN now() END")
    op.execute("CREATE INDEX closed_month_stale ON closed_month (month) WHERE stale")


def downgrade() -> None:
    op.execute("DROP INDEX closed_month_stale")
    op.execute("ALTER TABLE closed_month DROP COLUMN first_closed_at, DROP COLUMN stale_at")
