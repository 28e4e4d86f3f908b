"""Who was erased.

Safe on a live table: a new one.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE erased (
            person_id uuid PRIMARY KEY,
            erasure_id uuid NOT NULL,
            at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE erased")
