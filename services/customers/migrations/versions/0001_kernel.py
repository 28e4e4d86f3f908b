"""The kernel: event log, relay, inbox, parking, idempotency keys."""

from alembic import op

from shared.first_schema import CREATE_KERNEL

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in CREATE_KERNEL:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE event_log, relay, inbox, consumer_position, consumer_generation, parked_event, idempotency_key"
    )
