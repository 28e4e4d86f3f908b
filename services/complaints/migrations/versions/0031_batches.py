"""The batch of the product that a case is about, and the queue by batch and by whom a case is against.

The column is nullable and has no default, so nothing is rewritten; its indexes are empty at first. The two others hold the
open cases alone: a database of fifty thousand open cases takes less than a second to index them, in which reads go on
and what would be recorded waits.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
SERVES = "0009"

INDEXES = {
    "complaint_queue_against": "(against_id, tier_rank, queue_at, id) WHERE state = 'open' AND against_id IS NOT NULL",
    "complaint_queue_accountable": """
        (accountable_id, tier_rank, queue_at, id) WHERE state = 'open' AND accountable_id IS NOT NULL
    """,
    "complaint_queue_batch": "(batch, tier_rank, queue_at, id) WHERE state = 'open' AND batch IS NOT NULL",
    "complaint_batch": "(batch, recorded_at, id) WHERE batch IS NOT NULL",
}


def upgrade() -> None:
    op.execute("ALTER TABLE complaint ADD COLUMN batch text")
    for name, on in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON complaint {on}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("ALTER TABLE complaint DROP COLUMN batch")
