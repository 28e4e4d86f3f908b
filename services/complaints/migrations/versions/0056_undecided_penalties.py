"""What awaits a decision is found by an index of its own: proposals and appeals, the longest waiting first.

Safe on a live table: penalties are some hundred a month, and the index holds those that are undecided; it takes moments.
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("CREATE INDEX penalty_undecided ON penalty (id) WHERE state IN ('proposed', 'appealed')")


def downgrade() -> None:
    op.execute("DROP INDEX penalty_undecided")
