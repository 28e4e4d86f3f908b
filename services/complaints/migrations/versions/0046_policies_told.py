"""Which versions of policies have been told of, as parts of the scheme.

Safe on a live table: a new one. What there is already is told by the workers, once.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE policy_told (policy_id uuid NOT NULL, change smallint NOT NULL, PRIMARY KEY (policy_id, change))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE policy_told")
