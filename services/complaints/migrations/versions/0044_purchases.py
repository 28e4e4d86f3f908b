"""What customers buy in a month, and who bought which batch, as purchases tell it.

Safe on a live table: two new ones. They fill from the events that come from now on; docs/operating.md says how to have
those of before.
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE purchase_month (
            customer_id uuid NOT NULL,
            month integer NOT NULL,
            amount numeric(16, 2) NOT NULL,
            purchases integer NOT NULL,
            PRIMARY KEY (customer_id, month)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE bought_batch (
            purchase_id uuid NOT NULL,
            product_key text NOT NULL,
            batch_key text NOT NULL,
            customer_id uuid NOT NULL,
            bought_at timestamptz NOT NULL,
            quantity integer NOT NULL,
            PRIMARY KEY (purchase_id, product_key, batch_key)
        )
        """
    )
    op.execute("CREATE INDEX bought_batch_buyers ON bought_batch (batch_key, product_key, customer_id)")


def downgrade() -> None:
    op.execute("DROP TABLE bought_batch")
    op.execute("DROP TABLE purchase_month")
