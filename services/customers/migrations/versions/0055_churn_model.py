"""Fits of the models of who still buys, and the chance of each customer as the last run judged it.

Safe on a live table: they are new.
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE churn_fit (
            id uuid PRIMARY KEY,
            asked_at timestamptz NOT NULL,
            asked_by uuid,
            fitted_on date,
            finished_at timestamptz,
            milliseconds integer,
            outcome text,
            customers integer,
            repeating integer,
            days integer,
            steps integer,
            r double precision,
            alpha double precision,
            a double precision,
            b double precision,
            log_likelihood double precision,
            amount_outcome text,
            p double precision,
            q double precision,
            v double precision,
            amount_log_likelihood double precision,
            CONSTRAINT churn_fit_ends_with_an_outcome CHECK ((finished_at IS NULL) = (outcome IS NULL)),
            CONSTRAINT churn_fit_converged_has_parameters CHECK (
                (coalesce(outcome, '') = 'converged') = (num_nonnulls(r, alpha, a, b, log_likelihood) = 5)
            )
        )
        """
    )
    op.execute("CREATE INDEX churn_fit_unfinished ON churn_fit (id) WHERE finished_at IS NULL")
    op.execute("CREATE INDEX churn_fit_converged ON churn_fit (id) WHERE outcome = 'converged'")
    op.execute("CREATE INDEX churn_fit_nightly ON churn_fit (asked_at) WHERE asked_by IS NULL")
    op.execute(
        """
        CREATE TABLE expectation (
            customer_id uuid PRIMARY KEY,
            fit_id uuid NOT NULL,
            judged_on date NOT NULL,
            alive double precision NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX expectation_alive ON expectation (alive, customer_id)")


def downgrade() -> None:
    op.drop_table("expectation")
    op.drop_table("churn_fit")
