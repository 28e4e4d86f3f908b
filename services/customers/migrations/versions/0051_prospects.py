"""Prospects and opportunities, with their sources and stages.

Safe on a live table: new tables alone, which older code does not know. Their references take a short lock on customer.
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None
SERVES = "0013"

TABLES = (
    """
    CREATE TABLE prospect_source (
        code text PRIMARY KEY,
        name_en text NOT NULL,
        name_zh text NOT NULL,
        by_somebody boolean NOT NULL
    )
    """,
    """
    INSERT INTO prospect_source (code, name_en, name_zh, by_somebody) VALUES
        ('street_visit', 'street visit', '扫街拜访', false),
        ('meeting', 'meeting', '会议', false),
        ('club', 'club', '俱乐部', false),
        ('relatives_friends', 'relatives and friends', '亲朋好友', false),
        ('records', 'records', '资料', false),
        ('news', 'news', '新闻', false),
        ('scout', 'scout', '猎犬', false),
        ('centre_of_influence', 'a centre of influence', '影响力中心', false),
        ('referral', 'referral', '转介绍', true),
        ('phone_call', 'call', '电话', false),
        ('letter', 'letter', '信函', false),
        ('message', 'message', '短信', false),
        ('web', 'web', '网络', false),
        ('competitor', 'a competitor''s customer', '竞争对手的客户', false)
    """,
    """
    CREATE TABLE prospect (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        kind text NOT NULL,
        source text NOT NULL REFERENCES prospect_source (code),
        referred_by_customer_id uuid REFERENCES customer (id) ON DELETE SET NULL,
        referred_by_prospect_id uuid REFERENCES prospect (id) ON DELETE SET NULL,
        owner_id uuid NOT NULL,
        state text NOT NULL,
        customer_id uuid REFERENCES customer (id),
        entered_at timestamptz NOT NULL,
        entered_by uuid NOT NULL,
        personal bytea,
        traces bytea[] NOT NULL,
        CONSTRAINT prospect_converted CHECK ((customer_id IS NOT NULL) = (state = 'converted')),
        CONSTRAINT prospect_not_by_itself CHECK (referred_by_prospect_id <> id)
    )
    """,
    "CREATE INDEX prospect_owner ON prospect (owner_id, id)",
    "CREATE INDEX prospect_customer ON prospect (customer_id)",
    "CREATE INDEX prospect_referred_by_customer ON prospect (referred_by_customer_id)",
    "CREATE INDEX prospect_referred_by_prospect ON prospect (referred_by_prospect_id)",
    "CREATE INDEX prospect_traces ON prospect USING gin (traces)",
    """
    CREATE TABLE prospect_note (
        id uuid PRIMARY KEY,
        prospect_id uuid NOT NULL REFERENCES prospect (id) ON DELETE CASCADE,
        written_by uuid NOT NULL,
        written_at timestamptz NOT NULL,
        sealed bytea NOT NULL
    )
    """,
    "CREATE INDEX prospect_note_of ON prospect_note (prospect_id, id)",
    """
    CREATE TABLE opportunity_stage (
        code text PRIMARY KEY,
        position integer NOT NULL,
        probability numeric(5, 4) NOT NULL,
        name_en text NOT NULL,
        name_zh text NOT NULL,
        CONSTRAINT opportunity_stage_place UNIQUE (position),
        CONSTRAINT opportunity_stage_probability CHECK (probability >= 0 AND probability <= 1)
    )
    """,
    """
    INSERT INTO opportunity_stage (code, position, probability, name_en, name_zh) VALUES
        ('contact', 10, 0.1, 'first contact', '初步接触'),
        ('need', 20, 0.25, 'need understood', '需求确认'),
        ('offer', 30, 0.5, 'offer made', '方案报价'),
        ('negotiation', 40, 0.75, 'negotiation', '商务谈判'),
        ('agreement', 50, 0.9, 'agreed in words', '口头达成')
    """,
    """
    CREATE TABLE opportunity (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        prospect_id uuid REFERENCES prospect (id) ON DELETE CASCADE,
        customer_id uuid REFERENCES customer (id),
        stage text NOT NULL REFERENCES opportunity_stage (code),
        amount numeric(16, 2) NOT NULL,
        probability numeric(5, 4),
        owner_id uuid NOT NULL,
        next_step_on date,
        closes_on date,
        outcome text NOT NULL,
        words bytea,
        closed_at timestamptz,
        entered_at timestamptz NOT NULL,
        entered_by uuid NOT NULL,
        CONSTRAINT opportunity_of_somebody CHECK (prospect_id IS NOT NULL OR customer_id IS NOT NULL),
        CONSTRAINT opportunity_probability CHECK (probability >= 0 AND probability <= 1),
        CONSTRAINT opportunity_amount CHECK (amount >= 0)
    )
    """,
    "CREATE INDEX opportunity_prospect ON opportunity (prospect_id, id)",
    "CREATE INDEX opportunity_customer ON opportunity (customer_id, id)",
    "CREATE INDEX opportunity_steps ON opportunity (owner_id, next_step_on) WHERE outcome = 'open'",
    """
    CREATE TABLE opportunity_version (
        opportunity_id uuid NOT NULL REFERENCES opportunity (id) ON DELETE CASCADE,
        version integer NOT NULL,
        stage text NOT NULL,
        amount numeric(16, 2) NOT NULL,
        probability numeric(5, 4),
        owner_id uuid NOT NULL,
        next_step_on date,
        closes_on date,
        outcome text NOT NULL,
        at timestamptz NOT NULL,
        changed_by uuid NOT NULL,
        PRIMARY KEY (opportunity_id, version)
    )
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE opportunity_version, opportunity, opportunity_stage, prospect_note, prospect, prospect_source"
    )
