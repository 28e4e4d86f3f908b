"""Pauses of cases taken over whose longest end nobody was waiting for: the timer ends them.

A few rows of many, found by the pauses that are open.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        UPDATE complaint AS c SET next_alarm_at = p.until
        FROM clock_pause p
        WHERE p.complaint_id = c.id AND p.round = c.round AND p.ended_at IS NULL
            AND c.taken_over AND c.stopped_at IS NULL AND c.next_alarm_at IS NULL
        """
    )


def downgrade() -> None:
    """Nothing: a pause that has ended stays so."""
