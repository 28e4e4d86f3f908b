"""What staff say of customers' loyalty.

Safe on a live table: it is new.
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE loyalty_rating (
            customer_id uuid PRIMARY KEY REFERENCES customer (id),
            version integer NOT NULL,
            criteria jsonb NOT NULL,
            kind text,
            rated_at timestamptz NOT NULL,
            rated_by uuid NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.drop_table("loyalty_rating")
