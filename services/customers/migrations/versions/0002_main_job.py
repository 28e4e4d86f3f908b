"""The network, the archive, purchases, tiers and closed months."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORGANISATION = (
    "CREATE TABLE brand (id uuid PRIMARY KEY, version integer NOT NULL, name varchar NOT NULL, grade varchar NOT NULL, CONSTRAINT brand_grade CHECK (grade IN ('mid', 'high')))",
    "CREATE TABLE region (id uuid PRIMARY KEY, version integer NOT NULL, name varchar NOT NULL)",
    "CREATE TABLE department (id uuid PRIMARY KEY, version integer NOT NULL, name varchar NOT NULL, manager_id uuid)",
    """
    CREATE TABLE staff (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        name varchar NOT NULL,
        role varchar NOT NULL,
        department_id uuid REFERENCES department,
        supervisor_id uuid REFERENCES staff,
        channel varchar NOT NULL,
        address varchar,
        language varchar NOT NULL,
        active boolean NOT NULL,
        successor_id uuid REFERENCES staff,
        CONSTRAINT staff_own_supervisor CHECK (supervisor_id <> id)
    )
    """,
    "ALTER TABLE department ADD CONSTRAINT department_manager FOREIGN KEY (manager_id) REFERENCES staff",
)

ARCHIVE = (
    """
    CREATE TABLE customer (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        tier varchar NOT NULL,
        counts_from integer NOT NULL,
        first_purchase integer,
        team_version integer,
        CONSTRAINT customer_known_tier CHECK (tier IN ('A', 'B', 'C', 'D')),
        CONSTRAINT customer_counts_from_first CHECK (counts_from <= first_purchase)
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX customer_tier ON customer (tier, id)",
    """
    CREATE TABLE archive (
        customer_id uuid PRIMARY KEY REFERENCES customer,
        kind varchar NOT NULL,
        name varchar,
        folded varchar,
        external_no varchar CONSTRAINT archive_external_no UNIQUE,
        region_id uuid REFERENCES region,
        stage varchar,
        language varchar NOT NULL,
        time_zone varchar,
        opened_on date,
        registered_at timestamptz NOT NULL,
        personal bytea NOT NULL,
        words varchar[] NOT NULL,
        traces bytea[] NOT NULL,
        CONSTRAINT archive_kind CHECK (kind IN ('store', 'person')),
        CONSTRAINT archive_only_stores_are_named CHECK ((kind = 'store') = (name IS NOT NULL))
    )
    """,
    "CREATE INDEX archive_region ON archive (region_id, customer_id)",
    "CREATE INDEX archive_stage ON archive (stage, customer_id) WHERE stage IS NOT NULL",
    "CREATE INDEX archive_words ON archive USING gin (words)",
    "CREATE INDEX archive_traces ON archive USING gin (traces)",
    """
    CREATE TABLE account_team (
        customer_id uuid NOT NULL REFERENCES customer,
        role varchar NOT NULL,
        staff_id uuid NOT NULL REFERENCES staff,
        PRIMARY KEY (customer_id, role)
    )
    """,
    "CREATE INDEX account_team_staff ON account_team (staff_id)",
)

PURCHASES = (
    """
    CREATE TABLE purchase (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        customer_id uuid NOT NULL REFERENCES customer,
        brand_id uuid REFERENCES brand,
        grade varchar NOT NULL,
        amount numeric(12, 2) NOT NULL,
        returned numeric(12, 2) NOT NULL,
        occurred_at timestamptz NOT NULL,
        month integer NOT NULL,
        external_no varchar,
        returns_id uuid REFERENCES purchase,
        identity bytea NOT NULL CONSTRAINT purchase_identity UNIQUE,
        CONSTRAINT purchase_returns_are_negative CHECK ((returns_id IS NULL) = (amount >= 0)),
        CONSTRAINT purchase_returned_within CHECK (returned BETWEEN 0 AND greatest(amount, 0))
    )
    """,
    "CREATE INDEX purchase_customer ON purchase (customer_id, occurred_at, id)",
    "CREATE INDEX purchase_returns ON purchase (returns_id) WHERE returns_id IS NOT NULL",
    """
    CREATE TABLE month_total (
        customer_id uuid NOT NULL,
        month integer NOT NULL,
        grade varchar NOT NULL,
        amount numeric(16, 2) NOT NULL,
        PRIMARY KEY (customer_id, month, grade)
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX month_total_month ON month_total (month)",
)

TIERS = (
    """
    CREATE TABLE tier_policy (
        version integer PRIMARY KEY,
        id uuid NOT NULL CONSTRAINT tier_policy_id UNIQUE,
        threshold_a numeric(14, 2) NOT NULL,
        threshold_b numeric(14, 2) NOT NULL,
        threshold_c numeric(14, 2) NOT NULL,
        factor_mid numeric(8, 4) NOT NULL,
        factor_high numeric(8, 4) NOT NULL,
        window_months integer NOT NULL,
        up_at_once boolean NOT NULL,
        starts_on date NOT NULL,
        announced_on date NOT NULL,
        applied boolean NOT NULL,
        CONSTRAINT tier_policy_falling CHECK (threshold_a > threshold_b AND threshold_b > threshold_c AND threshold_c > 0),
        CONSTRAINT tier_policy_factors CHECK (factor_mid > 0 AND factor_high > 0),
        CONSTRAINT tier_policy_window CHECK (window_months BETWEEN 1 AND 12)
    )
    """,
    "CREATE INDEX tier_policy_waiting ON tier_policy (starts_on) WHERE NOT applied",
    """
    INSERT INTO tier_policy VALUES
        (1, '01900000-0000-7000-8000-00000000c001', 10000, 3000, 1000, 1, 0.5, 1, true, '1990-01-01', '1990-01-01', true)
    """,
    """
    CREATE TABLE tier_change (
        customer_id uuid NOT NULL,
        version integer NOT NULL,
        from_tier varchar NOT NULL,
        to_tier varchar NOT NULL,
        at timestamptz NOT NULL,
        cause varchar NOT NULL,
        total numeric(16, 2) NOT NULL,
        policy_version integer NOT NULL,
        month integer,
        PRIMARY KEY (customer_id, version)
    )
    """,
    """
    CREATE TABLE tier_override (
        id uuid PRIMARY KEY,
        customer_id uuid NOT NULL REFERENCES customer,
        tier varchar NOT NULL,
        reason varchar NOT NULL,
        until timestamptz NOT NULL,
        set_by uuid NOT NULL,
        set_at timestamptz NOT NULL,
        ended_at timestamptz,
        CONSTRAINT tier_override_tier CHECK (tier IN ('A', 'B', 'C', 'D'))
    )
    """,
    "CREATE UNIQUE INDEX tier_override_standing ON tier_override (customer_id) WHERE ended_at IS NULL",
    "CREATE INDEX tier_override_due ON tier_override (until) WHERE ended_at IS NULL",
    """
    CREATE TABLE closed_month (
        month integer PRIMARY KEY,
        id uuid NOT NULL,
        revision integer NOT NULL,
        stale boolean NOT NULL,
        closed_at timestamptz NOT NULL,
        policy_version integer NOT NULL REFERENCES tier_policy,
        customers integer NOT NULL,
        changed integer NOT NULL,
        tiers jsonb NOT NULL,
        moves jsonb NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in (*ORGANISATION, *ARCHIVE, *PURCHASES, *TIERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE closed_month, tier_override, tier_change, tier_policy, month_total, purchase, account_team, "
        "archive, customer"
    )
    op.execute("ALTER TABLE department DROP CONSTRAINT department_manager")
    op.execute("DROP TABLE staff, department, region, brand")
