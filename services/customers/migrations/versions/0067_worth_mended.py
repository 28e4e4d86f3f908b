"""By which version of the policy of worth something was judged, which tie ends, what a release keeps of a judgement; and
what was seen of a competitor by mistake, or reported, is withdrawn.

Safe on a live table: columns without a value, or with one that is the same for every row.
"""

from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None
SERVES = "0013"

_JUDGED = ("customer_worth", "segment_change", "stage_change", "early_warning")
_ENTERED = ("competitor_sighting", "elsewhere_report")


def upgrade() -> None:
    for table in _JUDGED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN policy_version integer, ADD COLUMN policy_id uuid")
    op.execute("ALTER TABLE early_warning ADD COLUMN tie jsonb")
    op.execute("ALTER TABLE worth_pass ADD COLUMN keeps integer NOT NULL DEFAULT 1")
    for table in _ENTERED:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN withdrawn_at timestamptz, ADD COLUMN withdrawn_by uuid,"
            " ADD COLUMN withdrawal_words bytea"
        )


def downgrade() -> None:
    for table in _ENTERED:
        for column in ("withdrawal_words", "withdrawn_by", "withdrawn_at"):
            op.drop_column(table, column)
    op.drop_column("worth_pass", "keeps")
    op.drop_column("early_warning", "tie")
    for table in _JUDGED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN policy_version, DROP COLUMN policy_id")
