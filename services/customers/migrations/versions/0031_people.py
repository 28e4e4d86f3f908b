"""The people of stores, important dates, and who knows whom (domain 2.1).

Safe on a live table: new ones. Dates and relations go with the person whose they are.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
SERVES = "0013"

TABLES = (
    """
    CREATE TABLE person (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        customer_id uuid NOT NULL REFERENCES customer (id),
        job text NOT NULL,
        decides boolean NOT NULL,
        pays boolean NOT NULL,
        uses boolean NOT NULL,
        language text NOT NULL,
        means text,
        left_on date,
        personal bytea NOT NULL,
        traces bytea[] NOT NULL
    )
    """,
    "CREATE INDEX person_customer ON person (customer_id, id)",
    "CREATE INDEX person_present ON person (customer_id, id) WHERE left_on IS NULL",
    "CREATE INDEX person_traces ON person USING gin (traces)",
    """
    CREATE TABLE important_date (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        customer_id uuid NOT NULL REFERENCES customer (id),
        person_id uuid REFERENCES person (id) ON DELETE CASCADE,
        occasion text NOT NULL,
        own_key boolean NOT NULL,
        sealed bytea NOT NULL,
        filled smallint NOT NULL,
        CONSTRAINT important_date_occasion CHECK (occasion IN ('birthday', 'wedding', 'opening'))
    )
    """,
    "CREATE INDEX important_date_customer ON important_date (customer_id, id)",
    "CREATE UNIQUE INDEX important_date_of_customer ON important_date (customer_id, occasion) WHERE person_id IS NULL",
    "CREATE UNIQUE INDEX important_date_of_person ON important_date (person_id, occasion) WHERE person_id IS NOT NULL",
    "CREATE INDEX important_date_filled ON important_date (filled, id)",
    """
    CREATE TABLE date_falls (
        trace bytea NOT NULL,
        date_id uuid NOT NULL REFERENCES important_date (id) ON DELETE CASCADE,
        PRIMARY KEY (trace, date_id)
    )
    """,
    "CREATE INDEX date_falls_date ON date_falls (date_id)",
    """
    CREATE TABLE relation_kind (
        code text PRIMARY KEY,
        name_en text NOT NULL,
        name_zh text NOT NULL,
        mutual boolean NOT NULL,
        active boolean NOT NULL
    )
    """,
    """
    CREATE TABLE relation (
        id uuid PRIMARY KEY,
        from_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        to_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        kind text NOT NULL REFERENCES relation_kind (code),
        entered_at timestamptz NOT NULL,
        entered_by uuid NOT NULL,
        CONSTRAINT relation_of_two CHECK (from_id <> to_id),
        CONSTRAINT relation_once UNIQUE (from_id, to_id, kind)
    )
    """,
    "CREATE INDEX relation_to ON relation (to_id, id)",
    "CREATE INDEX relation_from ON relation (from_id, id)",
    """
    INSERT INTO relation_kind (code, name_en, name_zh, mutual, active) VALUES
        ('knows', 'knows', '认识', true, true),
        ('family', 'family', '亲属', true, true),
        ('married', 'married', '夫妻', true, true),
        ('partner', 'business partner', '合伙人', true, true),
        ('reports_to', 'reports to', '下属', false, true),
        ('decides_for', 'decides for', '代为决定', false, true),
        ('refers', 'referred', '介绍', false, true),
        ('advises', 'advises', '参谋', false, true)
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE relation, relation_kind, date_falls, important_date, person")
