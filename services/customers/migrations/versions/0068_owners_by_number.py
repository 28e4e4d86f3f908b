"""Stores are found by the phones and e-mails of their owners, as by their own and those of their people.

Safe on a live table: columns with a constant default rewrite nothing, and its indexes begin empty. Who stands there
already is traced by a worker, and so is whom an older process changes meanwhile: `traced` is the version it was done of.
"""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE owner ADD COLUMN traces bytea[] NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE owner ADD COLUMN traced integer NOT NULL DEFAULT 0")
    op.execute("CREATE INDEX owner_traces ON owner USING gin (traces)")
    op.execute("CREATE INDEX owner_untraced ON owner (id) WHERE traced <> version")


def downgrade() -> None:
    op.execute("DROP INDEX owner_untraced")
    op.execute("DROP INDEX owner_traces")
    op.execute("ALTER TABLE owner DROP COLUMN traced, DROP COLUMN traces")
