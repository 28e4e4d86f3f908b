"""Departments have schemes of their own, and penalties may rest on one; funds of departments: what is asked for, who agreed;
wages, payrolls that were handed over, and statements that were signed; how many must agree, and which share of a wage
may be kept.

Safe on a live table: new ones, and rows among the policies, of which older code knows nothing. `penalty` gets columns
without a default, and the condition of its basis is not checked for what stands until it is validated, which holds
nobody up: every row of before has a case or a task.
"""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None
SERVES = "0009"

UPGRADE = (
    """
    CREATE TABLE department_scheme (
        department_id uuid NOT NULL,
        version integer NOT NULL,
        id uuid NOT NULL UNIQUE,
        violations jsonb NOT NULL,
        starts_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        created_by uuid NOT NULL,
        PRIMARY KEY (department_id, version)
    )
    """,
    """
    ALTER TABLE penalty
        ADD COLUMN fund_id uuid,
        ADD COLUMN violation text,
        ADD COLUMN scheme_version integer,
        DROP CONSTRAINT penalty_basis,
        ADD CONSTRAINT penalty_basis CHECK (num_nonnulls(complaint_id, task_id, fund_id) = 1) NOT VALID
    """,
    "ALTER TABLE penalty VALIDATE CONSTRAINT penalty_basis",
    "CREATE TABLE fund (department_id uuid PRIMARY KEY)",
    """
    CREATE TABLE fund_withdrawal (
        id uuid PRIMARY KEY,
        version integer NOT NULL,
        department_id uuid NOT NULL REFERENCES fund (department_id),
        amount numeric(16, 2) NOT NULL,
        state text NOT NULL,
        asked_by uuid NOT NULL,
        asked_at timestamptz NOT NULL,
        share numeric(4, 3) NOT NULL,
        ended_at timestamptz,
        ended_by uuid,
        words bytea NOT NULL,
        reason bytea,
        CONSTRAINT fund_withdrawal_of_something CHECK (amount > 0)
    )
    """,
    "CREATE INDEX fund_withdrawal_department ON fund_withdrawal (department_id, id)",
    "CREATE INDEX fund_withdrawal_asked ON fund_withdrawal (department_id) WHERE state = 'asked'",
    """
    CREATE TABLE fund_vote (
        withdrawal_id uuid NOT NULL REFERENCES fund_withdrawal (id),
        staff_id uuid NOT NULL,
        agree boolean NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (withdrawal_id, staff_id)
    )
    """,
    """
    INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
    ('funds', 1, '01900000-0000-7000-8000-00000000f201', '{"share": "0.50"}',
        '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
    """,
    """
    CREATE TABLE wage (
        staff_id uuid NOT NULL,
        version integer NOT NULL,
        from_month integer NOT NULL,
        sealed bytea NOT NULL,
        entered_by uuid NOT NULL,
        entered_at timestamptz NOT NULL,
        PRIMARY KEY (staff_id, version)
    )
    """,
    """
    CREATE TABLE payroll_month (
        month integer PRIMARY KEY,
        closed_at timestamptz NOT NULL,
        closed_by uuid NOT NULL
    )
    """,
    """
    CREATE TABLE payroll_line (
        month integer NOT NULL REFERENCES payroll_month (month),
        staff_id uuid NOT NULL,
        charged numeric(16, 2) NOT NULL,
        rewards numeric(16, 2) NOT NULL,
        carried_in numeric(16, 2) NOT NULL,
        bound bytea,
        deducted numeric(16, 2) NOT NULL,
        carried_out numeric(16, 2) NOT NULL,
        PRIMARY KEY (month, staff_id)
    )
    """,
    """
    CREATE TRIGGER payroll_line_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON payroll_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TABLE statement_signature (
        staff_id uuid NOT NULL,
        month integer NOT NULL,
        digest text NOT NULL,
        signed_at timestamptz NOT NULL,
        PRIMARY KEY (staff_id, month, digest)
    )
    """,
    """
    INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
    ('payroll', 1, '01900000-0000-7000-8000-00000000f301', '{"share": "0.20"}',
        '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
    """,
)
DOWNGRADE = (
    "DELETE FROM case_policy WHERE policy IN ('funds', 'payroll')",
    "DROP TABLE statement_signature",
    "DROP TABLE payroll_line",
    "DROP TABLE payroll_month",
    "DROP TABLE wage",
    "DROP TABLE fund_vote",
    "DROP TABLE fund_withdrawal",
    "DROP TABLE fund",
    "DELETE FROM penalty_share WHERE penalty_id IN (SELECT id FROM penalty WHERE fund_id IS NOT NULL)",
    "DELETE FROM penalty_entry WHERE penalty_id IN (SELECT id FROM penalty WHERE fund_id IS NOT NULL)",
    "DELETE FROM penalty WHERE fund_id IS NOT NULL",
    """
    ALTER TABLE penalty
        DROP CONSTRAINT penalty_basis,
        DROP COLUMN fund_id,
        DROP COLUMN violation,
        DROP COLUMN scheme_version,
        ADD CONSTRAINT penalty_basis CHECK ((complaint_id IS NULL) <> (task_id IS NULL))
    """,
    "DROP TABLE department_scheme",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
