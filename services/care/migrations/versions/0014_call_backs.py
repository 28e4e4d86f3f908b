"""A complaint's round has one call-back.

Safe on a live table: the index is over tasks of a kind of which there are none yet; to find that takes a look at every
task, a second for a million, in which tasks are read and not written.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute("CREATE UNIQUE INDEX task_one_call_back ON task (complaint_id, round) WHERE kind = 'call_back'")


def downgrade() -> None:
    op.execute("DROP INDEX task_one_call_back")
