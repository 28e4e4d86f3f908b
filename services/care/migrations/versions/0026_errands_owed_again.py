"""An errand that was dropped, since its contract goes on, is owed again when that ends.

Safe on a live table: to find the tasks of the kind takes a look at every task, a second for a million, in which tasks are
read and not written; the new index stands before the old one goes. Older code makes no errand twice by either.
Going back forgets what was dropped of errands that were owed again.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute(
        "CREATE UNIQUE INDEX task_one_errand_owed ON task (contract_id, errand) "
        "WHERE kind = 'aftercare' AND state <> 'dropped'"
    )
    op.execute("DROP INDEX task_one_errand")


def downgrade() -> None:
    op.execute(
        """
        DELETE FROM task AS t WHERE kind = 'aftercare' AND state = 'dropped' AND EXISTS (
            SELECT FROM task AS o
            WHERE o.kind = 'aftercare' AND o.contract_id = t.contract_id AND o.errand = t.errand
                AND (o.state <> 'dropped' OR o.id > t.id))
        """
    )
    op.execute("CREATE UNIQUE INDEX task_one_errand ON task (contract_id, errand) WHERE kind = 'aftercare'")
    op.execute("DROP INDEX task_one_errand_owed")
