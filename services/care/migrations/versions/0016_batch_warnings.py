"""Warnings of alarmed batches: what a batch is called, because of which batch a task exists, and each warning once.

Safe on a live table: a new one; a column without a default is a word in the catalogue; the indexes are over tasks of kinds
of which there are none yet, and to find that takes a look at every task, a second for a million, in which tasks are read
and not written.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE batch_alarm (
            batch_id uuid PRIMARY KEY,
            alarm integer NOT NULL,
            product text,
            batch text NOT NULL,
            lifted boolean NOT NULL
        )
        """
    )
    op.execute("ALTER TABLE task ADD COLUMN batch_id uuid")
    op.execute(
        "CREATE UNIQUE INDEX task_one_warning ON task (batch_id, round, customer_id) WHERE kind = 'batch_warning'"
    )
    op.execute("CREATE UNIQUE INDEX task_one_sale_stop ON task (batch_id, round) WHERE kind = 'sale_stop'")


def downgrade() -> None:
    op.execute("DROP INDEX task_one_sale_stop")
    op.execute("DROP INDEX task_one_warning")
    op.execute("ALTER TABLE task DROP COLUMN batch_id")
    op.execute("DROP TABLE batch_alarm")
