"""The kernel: event log, relay, inbox, parking, idempotency keys, directory."""

from alembic import op

from shared.first_schema import CREATE_DIRECTORY, CREATE_KERNEL

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (*CREATE_KERNEL, *CREATE_DIRECTORY):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE event_log, relay, inbox, consumer_position, consumer_generation, parked_event, idempotency_key, "
        "directory_staff, directory_department, directory_name"
    )
