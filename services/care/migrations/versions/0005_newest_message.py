"""Messages say what they are about, so that a newer one replaces one that waits; taken in hand and sent are two moments.

Columns without a stored default rewrite nothing. Messages that have not gone learn what they are
about; those that never went lose their sending time. The index holds only those that have not gone. Code of the revision before goes on writing beside this: it leaves the new columns
alone, and what it sends has `sent_at`.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE message ADD COLUMN leased_at timestamptz, ADD COLUMN about text,"
        " ADD COLUMN outdated boolean NOT NULL DEFAULT false"
    )
    op.execute("UPDATE message SET leased_at = sent_at, sent_at = NULL WHERE state <> 'sent' AND sent_at IS NOT NULL")
    op.execute(
        "UPDATE message SET about = CASE occasion WHEN 'tier_rise' THEN 'tier'"
        " ELSE 'complaint:' || split_part(occasion_key, ':', 2) END WHERE state IN ('planned', 'held', 'sending')"
        " AND occasion IN ('tier_rise', 'complaint_warned', 'complaint_escalated', 'chain_reached_nobody')"
    )
    op.execute(
        "CREATE INDEX message_replaceable ON message (about)"
        " WHERE about IS NOT NULL AND state IN ('planned', 'held', 'sending')"
    )


def downgrade() -> None:
    op.execute("UPDATE message SET sent_at = leased_at WHERE sent_at IS NULL")
    op.execute("DROP INDEX message_replaceable")
    op.execute("ALTER TABLE message DROP COLUMN outdated, DROP COLUMN about, DROP COLUMN leased_at")
