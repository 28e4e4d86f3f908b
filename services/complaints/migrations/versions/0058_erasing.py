"""Erasures that wait for the storage, before they are confirmed.

Safe on a live table: a new one.
"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE erasing (
            erasure_id uuid PRIMARY KEY,
            cases uuid[] NOT NULL,
            removed jsonb NOT NULL,
            begun_at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE erasing")
