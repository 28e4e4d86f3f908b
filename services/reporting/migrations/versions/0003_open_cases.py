"""The cases that wait for their answer are found without reading those that have it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX complaint_open ON complaint (id) WHERE state = 'open'")


def downgrade() -> None:
    op.execute("DROP INDEX complaint_open")
