"""Plans that answer signals, and what customers could buy.

Safe on a live table: they are new.
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE signal_plan (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            signal_id uuid NOT NULL REFERENCES signal (id),
            customer_id uuid NOT NULL REFERENCES customer (id),
            assignee_id uuid NOT NULL,
            words bytea,
            opened_at timestamptz NOT NULL,
            opened_by uuid NOT NULL,
            outcome text,
            end_words bytea,
            closed_at timestamptz,
            closed_by uuid,
            CONSTRAINT signal_plan_closes_with_an_outcome CHECK ((outcome IS NULL) = (closed_at IS NULL))
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX signal_plan_open ON signal_plan (signal_id) WHERE outcome IS NULL")
    op.execute("CREATE INDEX signal_plan_signal ON signal_plan (signal_id, id)")
    op.execute("CREATE INDEX signal_plan_customer ON signal_plan (customer_id, id)")
    op.execute("CREATE INDEX signal_plan_assignee ON signal_plan (assignee_id, id)")
    op.execute(
        """
        CREATE TABLE signal_measure (
            id uuid PRIMARY KEY,
            plan_id uuid NOT NULL REFERENCES signal_plan (id),
            due_on date NOT NULL,
            staff_id uuid NOT NULL,
            words bytea,
            done_at timestamptz,
            done_by uuid,
            done_words bytea
        )
        """
    )
    op.execute("CREATE INDEX signal_measure_plan ON signal_measure (plan_id, due_on, id)")
    op.execute("CREATE INDEX signal_measure_due ON signal_measure (due_on) WHERE done_at IS NULL")
    op.execute(
        """
        CREATE TABLE potential (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            amount numeric(16, 2) NOT NULL,
            words bytea,
            said_at timestamptz NOT NULL,
            said_by uuid NOT NULL,
            CONSTRAINT potential_amount CHECK (amount >= 0)
        )
        """
    )
    op.execute("CREATE INDEX potential_customer ON potential (customer_id, id)")


def downgrade() -> None:
    op.drop_table("potential")
    op.drop_table("signal_measure")
    op.drop_table("signal_plan")
