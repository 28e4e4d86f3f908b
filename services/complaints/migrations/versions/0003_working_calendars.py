"""Working calendars, and by which one a round's clock runs: none of them day and night."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE calendar (
            version integer PRIMARY KEY,
            name text NOT NULL,
            definition jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            created_by uuid
        )
        """
    )
    op.execute("CREATE INDEX calendar_latest ON calendar (name, version)")
    op.execute("ALTER TABLE complaint ADD COLUMN calendar_version integer")
    op.execute("ALTER TABLE complaint_round ADD COLUMN calendar_version integer")


def downgrade() -> None:
    op.execute("ALTER TABLE complaint_round DROP COLUMN calendar_version")
    op.execute("ALTER TABLE complaint DROP COLUMN calendar_version")
    op.execute("DROP TABLE calendar")
