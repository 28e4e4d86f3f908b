"""By which figures segments, stages and early warnings are judged; scores that are said by hand.

Safe on a live table: they are new; what gets a column has a row for each time that everybody was judged.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None
SERVES = "0013"

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ROWS = {
    "insert": ("INSERT", "NEW TABLE AS changed", "SELECT customer_id FROM changed"),
    "update": (
        "UPDATE",
        "NEW TABLE AS changed OLD TABLE AS former",
        "SELECT customer_id FROM changed UNION SELECT customer_id FROM former",
    ),
    "delete": ("DELETE", "OLD TABLE AS changed", "SELECT customer_id FROM changed"),
}
_FIRST = {
    "segments": {
        "months": 6,
        "size_months": 3,
        "invoices": 6,
        "for_buying": "60",
        "for_regularity": "40",
        "ratings_share": "0.5",
        "a_day_late": "2",
        "loyal_from": "60",
        "reliable_from": "70",
        "large_from": "3000",
    },
    "life": {
        "formation_from": 3,
        "stable_from": 6,
        "fallen_to": "0.70",
        "late": 2,
        "before": 4,
        "lost_after_days": 90,
        "lost_after_intervals": 3,
        "observed_days": 90,
    },
    "warnings": {
        "times_interval": "1.5",
        "few_days": 60,
        "rhythm_from": 3,
        "signal_days": 60,
        "tie_days": 42,
        "alive_below": "0.30",
    },
}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE worth_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            definition jsonb NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid
        )
        """
    )
    policy = sa.table(
        "worth_policy",
        sa.column("version", sa.Integer),
        sa.column("id", sa.Uuid),
        sa.column("definition", JSONB),
        sa.column("set_at", sa.DateTime(timezone=True)),
    )
    op.execute(policy.insert().values(version=1, id=sa.func.gen_random_uuid(), definition=_FIRST, set_at=_LONG_AGO))
    op.execute(
        """
        CREATE TABLE segment_override (
            id uuid PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            dimension text NOT NULL,
            score numeric(16,2) NOT NULL,
            until date NOT NULL,
            words bytea,
            set_at timestamptz NOT NULL,
            set_by uuid NOT NULL,
            ended_at timestamptz,
            CONSTRAINT segment_override_dimension CHECK (dimension IN ('loyalty', 'credit', 'size')),
            CONSTRAINT segment_override_score CHECK (score >= 0)
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX segment_override_standing ON segment_override (customer_id, dimension)"
        " WHERE ended_at IS NULL"
    )
    op.execute("CREATE INDEX segment_override_of ON segment_override (customer_id, id)")
    for name, (event, tables, rows) in _ROWS.items():
        op.execute(
            f"""
            CREATE FUNCTION segment_override_worth_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO worth_mark (customer_id) SELECT DISTINCT customer_id FROM ({rows}) AS r;
                RETURN NULL;
            END $$
            """  # noqa: S608  names of our own tables
        )
        op.execute(
            f"CREATE TRIGGER segment_override_worth_{name} AFTER {event} ON segment_override REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION segment_override_worth_{name}()"
        )
    op.execute("ALTER TABLE worth_pass ADD COLUMN worth_policy integer NOT NULL DEFAULT 1")


def downgrade() -> None:
    op.drop_column("worth_pass", "worth_policy")
    op.drop_table("segment_override")
    for name in _ROWS:
        op.execute(f"DROP FUNCTION segment_override_worth_{name}()")
    op.drop_table("worth_policy")
