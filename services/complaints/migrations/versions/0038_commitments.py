"""What customers were promised, and what can be promised.

Safe on a live table: only new ones.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
SERVES = "0009"

CREATE = (
    """
    CREATE TABLE commitment_code (
        code text PRIMARY KEY,
        name_en text NOT NULL,
        name_zh text NOT NULL,
        active boolean NOT NULL
    )
    """,
    """
    INSERT INTO commitment_code (code, name_en, name_zh, active) VALUES
        ('display', 'Display', '陈列', true),
        ('gift', 'Gift', '赠品', true),
        ('discount', 'Discount', '折扣', true),
        ('delivery', 'Delivery', '发货', true),
        ('visit', 'Visit', '拜访', true),
        ('training', 'Training', '培训', true),
        ('refund', 'Refund', '退款', true),
        ('other', 'Other', '其他', true)
    """,
    """
    CREATE TABLE commitment (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        customer_id uuid NOT NULL,
        complaint_id uuid REFERENCES complaint (id),
        touch_id uuid,
        code text NOT NULL REFERENCES commitment_code (code),
        staff_id uuid NOT NULL,
        made_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        outside_rules boolean NOT NULL,
        cost numeric(16, 2),
        state text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by uuid NOT NULL,
        fulfilled_at timestamptz,
        ended_at timestamptz,
        ended_by uuid,
        words bytea NOT NULL,
        reason bytea,
        CONSTRAINT commitment_state CHECK (state IN ('open', 'kept', 'broken', 'withdrawn')),
        CONSTRAINT commitment_times CHECK (made_at < due_at)
    )
    """,
    "CREATE INDEX commitment_due ON commitment (due_at) WHERE state = 'open'",
    "CREATE INDEX commitment_customer ON commitment (customer_id, id)",
    "CREATE INDEX commitment_staff ON commitment (staff_id, id)",
    "CREATE INDEX commitment_case ON commitment (complaint_id) WHERE complaint_id IS NOT NULL",
)


def upgrade() -> None:
    for statement in CREATE:
        op.execute(statement)


def downgrade() -> None:
    for name in ("commitment", "commitment_code"):
        op.execute(f"DROP TABLE {name}")
