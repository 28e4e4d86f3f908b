"""How stores' names sound, so that they are found by pinyin.

Safe on a live table: columns that are null or have a constant default are no rewrite; of the indexes one is empty and
one lists all stores by their ids (a million take half a second, in which registering waits), from where a worker hears
them, some at a time. A release before leaves a changed name's old sound until the name changes again.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE archive ADD COLUMN sound text, ADD COLUMN sounds text[] NOT NULL DEFAULT '{}'")
    op.execute("CREATE INDEX archive_sounds ON archive USING gin (sounds) WHERE sound IS NOT NULL")
    op.execute("CREATE INDEX archive_unheard ON archive (customer_id) WHERE kind = 'store' AND sound IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX archive_unheard, archive_sounds")
    op.execute("ALTER TABLE archive DROP COLUMN sounds, DROP COLUMN sound")
