"""The clocks of a case beside its answer's: for accepting, for steps, for the resolution; and who accepted it when.

Safe on a live table: nullable columns, and ones whose default is a word in the catalogue. `keeps_clocks` is false for
what has been recorded before and true from now on: nothing begins, is missed or told of old cases. The half hour for
accepting is the policy of version 0: a release that knows the answer's policies alone would take it for one of these,
and among equals the latest version holds. A policy of another kind may be written once every process is of this release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
SERVES = "0009"

_MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("complaint", sa.Column("accepted_at", _MOMENT))
    op.add_column("complaint", sa.Column("accepted_by", sa.Uuid()))
    op.execute("ALTER TABLE complaint ADD COLUMN keeps_clocks boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE complaint ALTER COLUMN keeps_clocks SET DEFAULT true")
    op.execute("ALTER TABLE clock_policy ADD COLUMN kind text NOT NULL DEFAULT 'answer'")
    op.execute(
        """
        INSERT INTO clock_policy (version, id, answer_seconds, calendar, starts_at, created_at, kind)
        VALUES (0, '01900000-0000-7000-8000-0000000000ac', 1800, 'always', '1970-01-01+00', now(), 'accept')
        """
    )
    op.create_table(
        "case_clock",
        sa.Column("complaint_id", sa.Uuid(), sa.ForeignKey("complaint.id"), primary_key=True),
        sa.Column("round", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("policy_version", sa.Integer()),
        sa.Column("calendar_version", sa.Integer()),
        sa.Column("allowed_seconds", sa.Integer()),
        sa.Column("started_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("stopped_at", _MOMENT),
        sa.Column("breached_at", _MOMENT),
        sa.Column("noticed_at", _MOMENT),
        sa.Column("next_alarm_at", _MOMENT),
    )
    op.create_index(
        "case_clock_alarm", "case_clock", ["next_alarm_at"], postgresql_where=sa.text("next_alarm_at IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("case_clock")
    op.execute("DELETE FROM clock_policy WHERE kind <> 'answer'")
    op.drop_column("clock_policy", "kind")
    op.drop_column("complaint", "keeps_clocks")
    op.drop_column("complaint", "accepted_by")
    op.drop_column("complaint", "accepted_at")
