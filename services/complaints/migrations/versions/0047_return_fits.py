"""What was learnt of who comes back after a case.

Safe on a live table: a new one. Workers fill it, a row a month; until then the policy's curve holds.
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE return_fit (
            month integer PRIMARY KEY,
            made_at timestamptz NOT NULL,
            needed integer NOT NULL,
            seen jsonb NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE return_fit")
