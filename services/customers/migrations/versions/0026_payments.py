"""Invoices and their payment, and credit limits (domain 2.1).

Safe on a live table: new ones.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE payment (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            invoice_no text NOT NULL,
            due_on date NOT NULL,
            amount numeric(16, 2) NOT NULL,
            paid_on date,
            told_at timestamptz NOT NULL,
            withdrawn_at timestamptz,
            CONSTRAINT payment_amount CHECK (amount >= 0),
            CONSTRAINT payment_invoice_no UNIQUE (invoice_no)
        )
        """
    )
    op.execute("CREATE INDEX payment_customer ON payment (customer_id, due_on, id)")
    op.execute("CREATE INDEX payment_due ON payment (due_on, id) WHERE paid_on IS NULL AND withdrawn_at IS NULL")
    op.execute(
        """
        CREATE TABLE credit_limit (
            customer_id uuid PRIMARY KEY REFERENCES customer (id),
            amount numeric(16, 2) NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE credit_limit, payment")
