"""Penalties are decided, shared, appealed and booked; missed service has them too.

Safe on a live table: `penalty` gets columns that are null or have a default, without a rewrite; the condition of its
basis is not checked for what stands (every row of before has a case). Its new indexes find no row in what stands, and
what stands of it is what some days of proposals left: they take moments. `service_since` says from which event of care on
misses are proposed: what its log told before this is the past, though it is read from the beginning. Proposals that stand
get their shares: seven parts whom they are against, three the supervisor.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
SERVES = "0009"

UPGRADE = (
    """
    ALTER TABLE penalty_policy
        ADD COLUMN payer_parts smallint NOT NULL DEFAULT 7,
        ADD COLUMN supervisor_parts smallint NOT NULL DEFAULT 3,
        ADD COLUMN appeal_days smallint NOT NULL DEFAULT 7
    """,
    """
    ALTER TABLE penalty
        ALTER COLUMN complaint_id DROP NOT NULL,
        ADD COLUMN task_id uuid,
        ADD COLUMN decided_by uuid,
        ADD COLUMN decided_at timestamptz,
        ADD COLUMN appeal_until timestamptz,
        ADD COLUMN appealed_by uuid,
        ADD COLUMN appealed_at timestamptz,
        ADD COLUMN on_appeal boolean NOT NULL DEFAULT false,
        ADD COLUMN booked_at timestamptz,
        ADD CONSTRAINT penalty_basis CHECK ((complaint_id IS NULL) <> (task_id IS NULL)) NOT VALID
    """,
    "ALTER TABLE penalty VALIDATE CONSTRAINT penalty_basis",
    "CREATE UNIQUE INDEX penalty_task_once ON penalty (task_id, rule) WHERE task_id IS NOT NULL",
    """
    CREATE INDEX penalty_due ON penalty (appeal_until, id)
    WHERE state = 'decided' AND booked_at IS NULL AND appeal_until IS NOT NULL
    """,
    """
    CREATE TABLE penalty_share (
        penalty_id uuid NOT NULL REFERENCES penalty (id),
        staff_id uuid NOT NULL,
        place smallint NOT NULL,
        parts smallint NOT NULL,
        amount numeric(16, 2) NOT NULL,
        department_id uuid,
        supervisor_id uuid,
        PRIMARY KEY (penalty_id, staff_id)
    )
    """,
    "CREATE INDEX penalty_share_staff ON penalty_share (staff_id, penalty_id)",
    "CREATE INDEX penalty_share_department ON penalty_share (department_id, penalty_id)",
    """
    INSERT INTO penalty_share (penalty_id, staff_id, place, parts, amount, department_id, supervisor_id)
    SELECT p.id, share.staff_id, share.place, share.parts, share.amount, share.department_id, share.supervisor_id
    FROM penalty p
    LEFT JOIN directory_staff s ON s.id = p.person_id
    LEFT JOIN directory_staff above ON above.id = s.supervisor_id AND above.id <> p.person_id
        AND p.rule IN ('unanswered', 'dissatisfied', 'repeat', 'not_executed', 'other')
    CROSS JOIN LATERAL (VALUES
        (p.person_id, 0, CASE WHEN above.id IS NULL THEN 1 ELSE 7 END,
         p.amount - CASE WHEN above.id IS NULL THEN 0 ELSE floor(p.amount * 30) / 100 END,
         s.department_id, s.supervisor_id),
        (above.id, 1, 3, floor(p.amount * 30) / 100, above.department_id, above.supervisor_id)
    ) AS share (staff_id, place, parts, amount, department_id, supervisor_id)
    WHERE p.state = 'proposed' AND share.staff_id IS NOT NULL
    """,
    """
    CREATE TABLE case_share (
        complaint_id uuid NOT NULL REFERENCES complaint (id),
        staff_id uuid NOT NULL,
        parts smallint NOT NULL,
        set_by uuid NOT NULL,
        set_at timestamptz NOT NULL,
        PRIMARY KEY (complaint_id, staff_id)
    )
    """,
    """
    CREATE TABLE penalty_entry (
        id uuid PRIMARY KEY,
        penalty_id uuid NOT NULL REFERENCES penalty (id),
        what text NOT NULL,
        at timestamptz NOT NULL,
        by uuid,
        amount numeric(16, 2),
        words bytea
    )
    """,
    "CREATE INDEX penalty_entry_penalty ON penalty_entry (penalty_id, id)",
    """
    CREATE TABLE excused_miss (
        task_id uuid PRIMARY KEY,
        excuse text NOT NULL,
        contact text NOT NULL,
        assignee_id uuid,
        at timestamptz NOT NULL
    )
    """,
    "ALTER TABLE proposing ADD COLUMN service_since uuid",
    """
    UPDATE proposing SET service_since =
        (lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
    """,
    "ALTER TABLE proposing ALTER COLUMN service_since SET NOT NULL",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE proposing DROP COLUMN service_since")
    for name in ("excused_miss", "penalty_entry", "case_share", "penalty_share"):
        op.execute(f"DROP TABLE {name}")
    op.execute("DELETE FROM penalty WHERE complaint_id IS NULL")
    op.execute("DROP INDEX penalty_due")
    op.execute("DROP INDEX penalty_task_once")
    op.execute(
        """
        ALTER TABLE penalty
            DROP CONSTRAINT penalty_basis,
            ALTER COLUMN complaint_id SET NOT NULL,
            DROP COLUMN task_id,
            DROP COLUMN decided_by,
            DROP COLUMN decided_at,
            DROP COLUMN appeal_until,
            DROP COLUMN appealed_by,
            DROP COLUMN appealed_at,
            DROP COLUMN on_appeal,
            DROP COLUMN booked_at
        """
    )
    op.execute(
        """
        ALTER TABLE penalty_policy
            DROP COLUMN payer_parts,
            DROP COLUMN supervisor_parts,
            DROP COLUMN appeal_days
        """
    )
