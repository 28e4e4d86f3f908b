"""Rebates that are agreed with customers, which the database itself keeps apart (domain 2.3).

Safe on a live table: a new one.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE rebate (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            brand_id uuid REFERENCES brand (id),
            starts_on date NOT NULL,
            ends_on date NOT NULL,
            steps jsonb NOT NULL,
            agreed_at timestamptz NOT NULL,
            agreed_by uuid NOT NULL,
            withdrawn_at timestamptz,
            CONSTRAINT rebate_has_a_day CHECK (starts_on <= ends_on),
            CONSTRAINT rebate_apart EXCLUDE USING gist (
                customer_id WITH =,
                coalesce(brand_id, CAST('00000000-0000-0000-0000-000000000000' AS uuid)) WITH =,
                daterange(starts_on, ends_on, '[]') WITH &&)
                WHERE (withdrawn_at IS NULL)
        )
        """
    )
    op.execute("CREATE INDEX rebate_customer ON rebate (customer_id, id)")


def downgrade() -> None:
    op.execute("DROP TABLE rebate")
