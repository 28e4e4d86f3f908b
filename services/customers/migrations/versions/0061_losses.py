"""Customers who are lost, or were: since when, what each costs, how and why it left.

Safe on a live table: it is new.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE loss (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            lost_on date NOT NULL,
            tier text NOT NULL,
            yearly numeric(16,2) NOT NULL,
            cost numeric(16,2) NOT NULL,
            found_at timestamptz NOT NULL,
            kind text,
            cause text REFERENCES churn_cause (code),
            words bytea,
            said_at timestamptz,
            said_by uuid,
            returned_on date,
            withdrawn_at timestamptz,
            CONSTRAINT loss_known_kind CHECK (kind IN ('disappointed', 'competitor', 'malicious', 'natural'))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX loss_standing ON loss (customer_id) WHERE returned_on IS NULL AND withdrawn_at IS NULL"
    )
    op.execute("CREATE INDEX loss_customer ON loss (customer_id, id)")
    op.execute("CREATE INDEX loss_day ON loss (lost_on) WHERE withdrawn_at IS NULL")


def downgrade() -> None:
    op.drop_table("loss")
