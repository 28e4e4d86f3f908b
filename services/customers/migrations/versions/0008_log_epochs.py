"""The epochs of a log: a service that was restored from a backup begins a new one.

Safe on a live table: a column with a constant default is a word in the catalogue. `IF NOT EXISTS`, because a restore from
a backup of the schema before this one makes the table itself.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE inbox ADD COLUMN epoch integer NOT NULL DEFAULT 0")
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS log_epoch (
            epoch integer PRIMARY KEY,
            goes_on_after bigint NOT NULL,
            began_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE log_epoch")
    op.execute("ALTER TABLE inbox DROP COLUMN epoch")
