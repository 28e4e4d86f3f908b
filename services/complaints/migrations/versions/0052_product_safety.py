"""Product safety: adverse reactions of cases, what they can show, batches and their alarms, and the first policy.

Safe on a live table: only new ones, and a row in the policies, of which older code knows nothing.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None
SERVES = "0009"

CREATE = (
    """
    CREATE TABLE symptom (
        code text PRIMARY KEY,
        version integer NOT NULL,
        name_en text NOT NULL,
        name_zh text NOT NULL,
        active boolean NOT NULL
    )
    """,
    """
    INSERT INTO symptom (code, version, name_en, name_zh, active) VALUES
        ('redness', 1, 'Redness', '红斑', true),
        ('itching', 1, 'Itching', '瘙痒', true),
        ('burning', 1, 'Burning or stinging', '灼热刺痛', true),
        ('dryness', 1, 'Dryness or peeling', '干燥脱屑', true),
        ('rash', 1, 'Rash or papules', '皮疹丘疹', true),
        ('acne', 1, 'Acne', '痤疮', true),
        ('swelling', 1, 'Swelling', '水肿', true),
        ('blisters', 1, 'Blisters', '水疱', true),
        ('pigmentation', 1, 'Change of skin colour', '色素异常', true),
        ('scar', 1, 'Scar', '瘢痕', true),
        ('hair_loss', 1, 'Loss of hair', '脱发', true),
        ('eye_irritation', 1, 'Irritation of the eyes', '眼部刺激', true),
        ('breathing', 1, 'Trouble with breathing', '呼吸困难', true),
        ('fever', 1, 'Fever or feeling ill', '发热不适', true),
        ('infection', 1, 'Infection', '感染', true),
        ('other', 1, 'Other', '其他', true)
    """,
    """
    CREATE TABLE adverse_reaction (
        complaint_id uuid PRIMARY KEY REFERENCES complaint (id),
        number text NOT NULL,
        customer_id uuid,
        severity text NOT NULL,
        product text,
        batch text,
        product_key text NOT NULL,
        batch_key text,
        reacted_on date NOT NULL,
        counts boolean NOT NULL,
        silent boolean NOT NULL,
        settled boolean NOT NULL,
        known_at timestamptz NOT NULL,
        report_due_at timestamptz NOT NULL,
        policy_version integer NOT NULL,
        warn_at timestamptz NOT NULL,
        warned_at timestamptz,
        missed_at timestamptz,
        reported_at timestamptz,
        reported_by uuid,
        report_no text,
        next_at timestamptz
    )
    """,
    """
    CREATE INDEX adverse_reaction_batch ON adverse_reaction (batch_key, product_key, reacted_on)
    WHERE batch_key IS NOT NULL
    """,
    "CREATE INDEX adverse_reaction_next ON adverse_reaction (next_at) WHERE next_at IS NOT NULL",
    """
    CREATE TABLE batch (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        product text,
        batch text NOT NULL,
        product_key text NOT NULL,
        batch_key text NOT NULL,
        made_on date,
        expires_on date,
        sale_stopped_at timestamptz,
        recorded_at timestamptz,
        recorded_by uuid,
        alarm integer NOT NULL,
        alarmed_at timestamptz,
        policy_version integer,
        lifted_at timestamptz,
        lifted_by uuid,
        lifted_words bytea,
        CONSTRAINT batch_once UNIQUE (batch_key, product_key)
    )
    """,
    "CREATE INDEX batch_alarmed ON batch (id) WHERE alarmed_at IS NOT NULL AND lifted_at IS NULL",
    """
    CREATE TABLE batch_buyer (
        batch_id uuid NOT NULL REFERENCES batch (id),
        alarm integer NOT NULL,
        customer_id uuid NOT NULL,
        told_at timestamptz NOT NULL,
        PRIMARY KEY (batch_id, alarm, customer_id)
    )
    """,
)
FIRST = {
    "reactions": 3,
    "days": 14,
    "buyers_within_days": 365,
    "report_days": {"mild": 30, "moderate": 30, "severe": 15, "public_danger": 3},
    "warn_percent": 75,
}
POLICY = """
INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at)
VALUES ('product_safety', 1, '01900000-0000-7000-8000-0000000000f7', CAST(:definition AS jsonb), '1970-01-01T00:00:00Z',
        '1970-01-01T00:00:00Z')
"""


def upgrade() -> None:
    for statement in CREATE:
        op.execute(statement)
    op.get_bind().execute(sa.text(POLICY), {"definition": json.dumps(FIRST)})


def downgrade() -> None:
    op.execute("DELETE FROM case_policy WHERE policy = 'product_safety'")
    for table in ("batch_buyer", "batch", "adverse_reaction", "symptom"):
        op.execute(f"DROP TABLE {table}")
