"""Indexes of the desk: the queue and lists by handler, subject, channel, date, what a case is against, and whose it is.

A database of a million cases takes some ten seconds to index them: reads go on meanwhile, and what would be recorded
waits. Migrations of a service are one transaction, so that none is left half done.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
SERVES = "0009"

INDEXES = {
    "complaint_queue_handler": "complaint (responsible_id, tier_rank, queue_at, id) WHERE state = 'open'",
    "complaint_queue_subject": "complaint (subject, tier_rank, queue_at, id) WHERE state = 'open'",
    "complaint_queue_channel": "complaint (channel, tier_rank, queue_at, id) WHERE state = 'open'",
    "complaint_recorded": "complaint (recorded_at, id)",
    "complaint_handler": "complaint (responsible_id, recorded_at, id)",
    "complaint_subject": "complaint (subject, recorded_at, id)",
    "complaint_channel": "complaint (channel, recorded_at, id)",
    "complaint_against": "complaint (against_id, recorded_at, id) WHERE against_id IS NOT NULL",
    "complaint_accountable": "complaint (accountable_id, recorded_at, id) WHERE accountable_id IS NOT NULL",
    "complaint_recorder": "complaint (recorded_by, recorded_at, id) WHERE customer_id IS NULL",
    "complaint_unfinished": "complaint (state, recorded_at, id) WHERE state <> 'closed'",
    "customer_ref_team": "customer_ref USING gin (team)",
}


def upgrade() -> None:
    op.execute("DROP INDEX complaint_unfinished")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {on}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("CREATE INDEX complaint_unfinished ON complaint (state, id) WHERE state <> 'closed'")
