"""Tasks that say by which case somebody is to be won back.

Safe on a live table: a nullable column, which rewrites nothing; the index is over tasks of a kind of which there are
none yet, and to find that takes a look at every task, a second for a million, in which tasks are read and not written.
Going back leaves the tasks that were made, which older code does not know: they go with it.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE task ADD COLUMN winback_id uuid")
    op.execute("CREATE UNIQUE INDEX task_one_winback ON task (winback_id, contact) WHERE kind = 'winback'")


def downgrade() -> None:
    op.execute("DROP INDEX task_one_winback")
    op.execute("DELETE FROM task WHERE kind = 'winback'")
    op.execute("ALTER TABLE task DROP COLUMN winback_id")
