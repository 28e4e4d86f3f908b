"""Places among all go by what is left of a year: what is known of the costs of what was bought, and which margin was taken
for the rest. What the cells of both grids of segments are called, as a table with versions; and purchases by month.

Safe on a live table: columns without a value, or with one that is the same for every row, and a table that is new. The
index is narrow; a million purchases take about a second, in which recording one waits. Until everybody is judged anew,
which happens by itself, nobody's costs are known and places stay as they are; older code goes by sums alone.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None
SERVES = "0013"

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST = {
    "loyalty_credit": {
        "gold": {"name_zh": "黄金", "name_en": "Gold"},
        "star": {"name_zh": "明星", "name_en": "Star"},
        "risk": {"name_zh": "风险", "name_en": "Risk"},
        "junk": {"name_zh": "垃圾", "name_en": "Junk"},
    },
    "loyalty_size": {
        "cash_cow": {"name_zh": "金牛", "name_en": "Cash cow"},
        "warm_up": {"name_zh": "加温", "name_en": "Warm-up"},
        "tomorrow": {"name_zh": "明日", "name_en": "Tomorrow"},
        "chicken_rib": {"name_zh": "鸡肋", "name_en": "Chicken-rib"},
    },
}


def upgrade() -> None:
    op.execute(
        "ALTER TABLE customer_worth ADD COLUMN costed numeric(16,2) NOT NULL DEFAULT 0,"
        " ADD COLUMN cost numeric(16,2) NOT NULL DEFAULT 0"
    )
    op.execute("ALTER TABLE segment_change ADD COLUMN profit numeric(16,2)")
    op.execute("ALTER TABLE value_placing ADD COLUMN margin numeric(5,4)")
    op.execute(
        "UPDATE value_placing SET margin ="
        " (SELECT (definition ->> 'margin')::numeric FROM winback_policy ORDER BY version DESC LIMIT 1)"
    )
    op.execute(
        """
        CREATE TABLE segment_names (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            definition jsonb NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid
        )
        """
    )
    names = sa.table(
        "segment_names",
        sa.column("version", sa.Integer),
        sa.column("id", sa.Uuid),
        sa.column("definition", JSONB),
        sa.column("set_at", sa.DateTime(timezone=True)),
    )
    op.execute(names.insert().values(version=1, id=sa.func.gen_random_uuid(), definition=_FIRST, set_at=_LONG_AGO))
    op.execute("CREATE INDEX purchase_month ON purchase (month) WHERE reversed_at IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX purchase_month")
    op.drop_table("segment_names")
    op.drop_column("value_placing", "margin")
    op.drop_column("segment_change", "profit")
    op.execute("ALTER TABLE customer_worth DROP COLUMN cost, DROP COLUMN costed")
