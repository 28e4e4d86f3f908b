"""Of which main cause a finer one is, for which customers leave; and customers who are dismissed without a case.

Safe on a live table: causes are few rows, the column has no value at first, and dismissals are new.
"""

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE churn_cause ADD COLUMN of text REFERENCES churn_cause (code)")
    op.execute(
        """
        UPDATE churn_cause SET of = known.main FROM (VALUES
            ('unstable_quality', 'core_service'),
            ('weak_service_awareness', 'staff'),
            ('felt_deceived', 'ethics'),
            ('temptation', 'competition'),
            ('moved_away', 'involuntary')
        ) AS known (code, main) WHERE churn_cause.code = known.code
        """
    )
    op.execute("ALTER TABLE winback ADD COLUMN means text")
    op.execute(
        """
        CREATE TABLE dismissal (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            means text NOT NULL,
            words bytea,
            approver_id uuid NOT NULL,
            decided_at timestamptz NOT NULL,
            decided_by uuid NOT NULL,
            withdrawn_at timestamptz,
            withdrawn_by uuid,
            withdrawal_words bytea,
            CONSTRAINT dismissal_known_means CHECK (means IN ('less_service', 'other_prices', 'end'))
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX dismissal_standing ON dismissal (customer_id) WHERE withdrawn_at IS NULL")
    op.execute("CREATE INDEX dismissal_of ON dismissal (customer_id, id)")


def downgrade() -> None:
    op.drop_table("dismissal")
    op.drop_column("winback", "means")
    op.drop_column("churn_cause", "of")
