"""Owners of stores, and whose a store was when (domain 2.1).

Safe on a live table: new ones.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE owner (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            personal bytea NOT NULL,
            customer_id uuid REFERENCES customer (id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE ownership (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            owner_id uuid REFERENCES owner (id),
            since timestamptz NOT NULL,
            until timestamptz,
            entered_by uuid NOT NULL
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX ownership_present ON ownership (customer_id) WHERE until IS NULL")
    op.execute("CREATE INDEX ownership_owner ON ownership (owner_id, customer_id) WHERE until IS NULL")
    op.execute("CREATE INDEX ownership_customer ON ownership (customer_id, id)")


def downgrade() -> None:
    op.execute("DROP TABLE ownership, owner")
