"""Purchases and returns that were undone as mistakes are marked in the timeline.

Safe on a live table: a column with a constant default is a word in the catalogue. Older code leaves the event of an undoing
alone and goes on to count what was undone; `crm rebuild reporting` puts that right after the upgrade.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE timeline ADD COLUMN reversed boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE timeline DROP COLUMN reversed")
