"""Appraisal: versions of its policy, and how satisfied complainants are with a round.

Safe on a live table: the policy is new, and columns without a default are words in the catalogue. What was said before
stands there after `crm rebuild reporting`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.add_column("complaint_round", sa.Column("perceived", sa.SmallInteger(), nullable=True))
    op.add_column("complaint_round", sa.Column("expected", sa.SmallInteger(), nullable=True))
    op.execute(
        """
        CREATE TABLE appraisal_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL UNIQUE,
            answers smallint NOT NULL,
            service smallint NOT NULL,
            satisfaction smallint NOT NULL,
            money smallint NOT NULL,
            money_zero numeric(16, 2) NOT NULL,
            from_month integer NOT NULL,
            created_at timestamptz NOT NULL,
            created_by uuid NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE appraisal_policy")
    op.drop_column("complaint_round", "expected")
    op.drop_column("complaint_round", "perceived")
