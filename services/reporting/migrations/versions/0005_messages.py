"""What was sent and what could not be, so that a day's messages can be counted.

A new table, so nothing waits for a lock. It fills with what is sent from now on; `crm rebuild reporting` brings the past.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("message_day", "message", ["day", "state"], unique=False)


def downgrade() -> None:
    op.drop_index("message_day", table_name="message")
    op.drop_table("message")
