"""Tasks that say because of which loss somebody is to be won back.

Safe on a live table: a nullable column, which rewrites nothing; the index is over tasks of which there are none yet, and
to find that takes a look at every task, a second for a million, in which tasks are read and not written. What was
planned before says no loss, and is dropped with its case alone.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE task ADD COLUMN loss_id uuid")
    op.execute("CREATE INDEX task_of_loss ON task (loss_id) WHERE loss_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX task_of_loss")
    op.execute("ALTER TABLE task DROP COLUMN loss_id")
