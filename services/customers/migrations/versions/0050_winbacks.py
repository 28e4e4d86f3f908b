"""Winning customers back: cases, their policy, and the causes for which customers leave.

Safe on a live table: they are new.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None
SERVES = "0013"

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST = {
    "terms": {
        "A": {"call_hours": 24, "visit_days": 7, "message_days": None, "share": "0.10"},
        "B": {"call_hours": 120, "visit_days": None, "message_days": None, "share": "0.05"},
        "C": {"call_hours": 120, "visit_days": None, "message_days": None, "share": "0.05"},
        "D": {"call_hours": None, "visit_days": None, "message_days": 5, "share": "0"},
    },
    "margin": "0.30",
    "days": 30,
}


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE churn_cause (
            code text PRIMARY KEY,
            name_en text NOT NULL,
            name_zh text NOT NULL,
            active boolean NOT NULL
        )
        """
    )
    op.execute(
        """
        INSERT INTO churn_cause (code, name_en, name_zh, active) VALUES
            ('price', 'price', '价格', true),
            ('inconvenience', 'inconvenience', '不便', true),
            ('core_service', 'the core service failed', '核心服务失误', true),
            ('staff', 'staff failed', '员工失误', true),
            ('reaction', 'bad reaction to a failure', '对失误反应不当', true),
            ('competition', 'a competitor', '竞争', true),
            ('ethics', 'ethics', '伦理问题', true),
            ('involuntary', 'involuntary', '非自愿', true),
            ('unstable_quality', 'unstable quality', '质量不稳定', true),
            ('no_innovation', 'no innovation', '缺乏创新', true),
            ('outdated_product', 'an outdated product', '产品过时', true),
            ('weak_market_control', 'weak control of the market', '市场监控不力', true),
            ('weak_service_awareness', 'weak awareness of service', '服务意识淡薄', true),
            ('short_term_thinking', 'our short-term thinking', '短期行为', true),
            ('little_trust', 'little trust', '信任不足', true),
            ('little_benefit', 'little benefit from loyalty', '忠诚获益少', true),
            ('felt_deceived', 'felt deceived', '感到受骗', true),
            ('low_cost_of_leaving', 'low cost of leaving', '转换成本低', true),
            ('careless_management', 'careless customer management', '客户管理疏忽', true),
            ('turmoil', 'turmoil in our company', '公司内部动荡', true),
            ('changed_need', 'a changed need', '需求改变', true),
            ('grown_or_shrunk', 'grown or shrunk', '规模变化', true),
            ('moved_away', 'moved away', '迁移', true),
            ('wants_variety', 'wants variety', '求变', true),
            ('temptation', 'temptation', '受到诱惑', true)
        """
    )
    op.execute(
        """
        CREATE TABLE winback_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            definition jsonb NOT NULL,
            set_at timestamptz NOT NULL,
            set_by uuid
        )
        """
    )
    policy = sa.table(
        "winback_policy",
        sa.column("version", sa.Integer),
        sa.column("id", sa.Uuid),
        sa.column("definition", JSONB),
        sa.column("set_at", sa.DateTime(timezone=True)),
    )
    op.execute(policy.insert().values(version=1, id=sa.func.gen_random_uuid(), definition=_FIRST, set_at=_LONG_AGO))
    op.execute(
        """
        CREATE TABLE winback (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            tier text NOT NULL,
            kind text NOT NULL,
            cause text NOT NULL REFERENCES churn_cause (code),
            yearly numeric(16, 2) NOT NULL,
            offer_limit numeric(16, 2) NOT NULL,
            policy_version integer NOT NULL,
            opened_at timestamptz NOT NULL,
            opened_by uuid NOT NULL,
            assignee_id uuid,
            call_due_at timestamptz,
            visit_due_at timestamptz,
            message_due_at timestamptz,
            deadline timestamptz NOT NULL,
            offer numeric(16, 2),
            offer_state text NOT NULL,
            offer_words bytea,
            offered_by uuid,
            decided_by uuid,
            outcome text,
            ended_at timestamptz,
            ended_by uuid,
            approver_id uuid,
            end_words bytea,
            observed_until timestamptz,
            CONSTRAINT winback_known_tier CHECK (tier IN ('A', 'B', 'C', 'D')),
            CONSTRAINT winback_ends_with_an_outcome CHECK ((outcome IS NULL) = (ended_at IS NULL))
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX winback_open ON winback (customer_id) WHERE outcome IS NULL")
    op.execute("CREATE INDEX winback_customer ON winback (customer_id, id)")
    op.execute("CREATE INDEX winback_ended ON winback (ended_at) WHERE ended_at IS NOT NULL")


def downgrade() -> None:
    op.drop_table("winback")
    op.drop_table("winback_policy")
    op.drop_table("churn_cause")
