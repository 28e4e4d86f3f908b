"""Entries of purchases can be undone: `reversed_at`, and who did it and, sealed, why.

Safe on a live table: a column without a default is a word in the catalogue, and the other table is new. Older code goes on
to show what was undone, but the sums are right.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
SERVES = "0012"


def upgrade() -> None:
    op.execute("ALTER TABLE purchase ADD COLUMN reversed_at timestamptz")
    op.execute(
        """
        CREATE TABLE purchase_reversal (
            purchase_id uuid PRIMARY KEY REFERENCES purchase (id),
            reversed_at timestamptz NOT NULL,
            reversed_by uuid NOT NULL,
            words bytea NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE purchase_reversal")
    op.execute("ALTER TABLE purchase DROP COLUMN reversed_at")
