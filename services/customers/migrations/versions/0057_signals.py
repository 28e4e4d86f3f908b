"""Signals, the policy by which they are found, and how far one is with looking for them.

Safe on a live table: they are new.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None
SERVES = "0013"

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST = {
    "span": 2,
    "star_months": 3,
    "least_active": 3,
    "weak_share": "0.80",
    "least_rise": "0.05",
    "overdue_days": 15,
    "later_days": 5,
    "report_days": 90,
}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE signal_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            definition jsonb NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid
        )
        """
    )
    policy = sa.table(
        "signal_policy",
        sa.column("version", sa.Integer),
        sa.column("id", sa.Uuid),
        sa.column("definition", JSONB),
        sa.column("set_at", sa.DateTime(timezone=True)),
    )
    op.execute(policy.insert().values(version=1, id=sa.func.gen_random_uuid(), definition=_FIRST, set_at=_LONG_AGO))
    op.execute(
        """
        CREATE TABLE signal (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            kind text NOT NULL,
            tier text NOT NULL,
            reasons jsonb NOT NULL,
            policy_version integer NOT NULL,
            began_at timestamptz NOT NULL,
            ended_at timestamptz,
            cause text,
            CONSTRAINT signal_ends_with_a_cause CHECK ((cause IS NULL) = (ended_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX signal_standing ON signal (customer_id) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX signal_standing_kind ON signal (kind, id) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX signal_customer ON signal (customer_id, id)")
    op.execute(
        """
        CREATE TABLE signal_run (
            id integer PRIMARY KEY,
            day date NOT NULL,
            place uuid NOT NULL,
            done boolean NOT NULL
        )
        """
    )
    op.execute(
        "INSERT INTO signal_run (id, day, place, done)"
        " VALUES (1, '2000-01-01', '00000000-0000-0000-0000-000000000000', true)"
    )


def downgrade() -> None:
    op.drop_table("signal_run")
    op.drop_table("signal")
    op.drop_table("signal_policy")
