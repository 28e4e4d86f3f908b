"""Customers as care knows them, the obligation matrix, tasks, cases, contacts, consent, messages."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE account (
        id uuid PRIMARY KEY,
        kind varchar,
        tier varchar,
        team jsonb NOT NULL DEFAULT '{}',
        matrix_version integer NOT NULL DEFAULT 0,
        plan_due_at timestamptz
    )
    """,
    "CREATE INDEX account_plan_due ON account (plan_due_at) WHERE plan_due_at IS NOT NULL",
    "CREATE INDEX account_matrix ON account (matrix_version) WHERE team <> '{}'",
    """
    CREATE TABLE obligation_matrix (
        version integer PRIMARY KEY,
        obligations jsonb NOT NULL,
        set_at timestamptz,
        set_by uuid
    )
    """,
    """
    CREATE TABLE task (
        id uuid PRIMARY KEY,
        customer_id uuid,
        kind varchar NOT NULL,
        role varchar NOT NULL,
        contact varchar NOT NULL,
        assignee_id uuid,
        state varchar NOT NULL,
        not_before timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        anchor_at timestamptz NOT NULL,
        rule jsonb,
        complaint_id uuid,
        round integer,
        planned_at timestamptz NOT NULL,
        settled_at timestamptz,
        settled_by uuid,
        reason varchar,
        minutes integer,
        cost numeric(14, 2),
        record bytea,
        version integer NOT NULL DEFAULT 1
    )
    """,
    "CREATE UNIQUE INDEX task_one_open ON task (customer_id, role, contact) WHERE state = 'open' AND kind = 'obligation'",
    "CREATE UNIQUE INDEX task_one_apology ON task (complaint_id, round) WHERE kind = 'apology_call'",
    "CREATE INDEX task_due ON task (due_at) WHERE state = 'open'",
    "CREATE INDEX task_unassigned ON task (role) WHERE state = 'open' AND assignee_id IS NULL",
    """
    CREATE INDEX task_done ON task (customer_id, role, contact, settled_at)
    WHERE state = 'done' AND kind = 'obligation'
    """,
    "CREATE INDEX task_of_assignee ON task (assignee_id, due_at, id)",
    "CREATE INDEX task_of_customer ON task (customer_id, due_at, id)",
    "CREATE INDEX task_in_order ON task (due_at, id)",
    """
    CREATE TABLE complaint_case (
        complaint_id uuid PRIMARY KEY,
        customer_id uuid,
        number varchar,
        open boolean NOT NULL,
        overdue boolean NOT NULL
    )
    """,
    "CREATE INDEX complaint_case_open ON complaint_case (customer_id) WHERE open",
    "CREATE TABLE contact (customer_id uuid PRIMARY KEY, sealed bytea NOT NULL)",
    "CREATE TABLE consent_sheet (customer_id uuid PRIMARY KEY, version integer NOT NULL)",
    """
    CREATE TABLE consent (
        customer_id uuid NOT NULL,
        channel varchar NOT NULL,
        purpose varchar NOT NULL,
        granted boolean NOT NULL,
        at timestamptz NOT NULL,
        source varchar NOT NULL,
        by uuid,
        PRIMARY KEY (customer_id, channel, purpose)
    )
    """,
    """
    CREATE TABLE consent_history (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer_id uuid NOT NULL,
        channel varchar NOT NULL,
        purpose varchar NOT NULL,
        granted boolean NOT NULL,
        at timestamptz NOT NULL,
        source varchar NOT NULL,
        by uuid
    )
    """,
    "CREATE INDEX consent_history_of ON consent_history (customer_id, id)",
    """
    CREATE TABLE message (
        id uuid PRIMARY KEY,
        customer_id uuid,
        staff_id uuid,
        occasion varchar NOT NULL,
        occasion_key varchar NOT NULL,
        template varchar NOT NULL,
        variables jsonb NOT NULL,
        purpose varchar NOT NULL,
        urgent boolean NOT NULL,
        state varchar NOT NULL,
        reason varchar,
        channel varchar,
        address varchar,
        attempts integer NOT NULL DEFAULT 0,
        planned_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        next_at timestamptz,
        sent_at timestamptz,
        lease_until timestamptz,
        lease_holder uuid,
        provider varchar,
        reference varchar,
        CONSTRAINT message_one_recipient CHECK ((customer_id IS NULL) <> (staff_id IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX message_once_customer ON message (customer_id, occasion_key) WHERE customer_id IS NOT NULL
    """,
    "CREATE UNIQUE INDEX message_once_staff ON message (staff_id, occasion_key) WHERE staff_id IS NOT NULL",
    "CREATE INDEX message_due ON message (next_at) WHERE next_at IS NOT NULL",
    "CREATE INDEX message_leased ON message (lease_until) WHERE state = 'sending'",
    "CREATE INDEX message_of_customer ON message (customer_id, id)",
    "CREATE INDEX message_of_staff ON message (staff_id, id)",
    "CREATE INDEX message_counted ON message (customer_id, sent_at) WHERE purpose <> 'service'",
)


def _monthly(times: int) -> dict[str, Any]:
    return {"kind": "per_month", "times": times}


def _every(welcome: str, within: str) -> dict[str, Any]:
    return {"kind": "every", "welcome": welcome, "within": within}


_AS_NEEDED = {"kind": "as_needed"}
_SAMPLED = {"kind": "sampled"}

# The table of the domain (客户服务管理表), row by row: contact -> what tiers A, B, C and D are owed. One number, as in
# "every 2 months", is welcome from its half on, rounded down to half a month.
MATRIX: dict[str, dict[str, tuple[dict[str, Any] | None, ...]]] = {
    "beauty_mentor": {
        "stay": (_monthly(1), _every("1", "2"), _every("1", "2"), _AS_NEEDED),
        "phone": (_monthly(2), _monthly(2), _monthly(2), _AS_NEEDED),
    },
    "salesperson": {
        "visit": (_monthly(2), _monthly(1), _every("0.5", "1.5"), _every("1", "2")),
        "phone": (_monthly(1), None, None, None),
    },
    "brand_manager": {
        "visit": (_every("1", "2"), _every("2", "3"), _every("1.5", "3"), _AS_NEEDED),
        "phone": (_monthly(2), _monthly(1), _monthly(1), _AS_NEEDED),
    },
    "sales_manager": {
        "visit": (_every("1", "2"), _every("2", "3"), _AS_NEEDED, _AS_NEEDED),
        "phone": (_monthly(2), _every("2", "3"), _AS_NEEDED, _AS_NEEDED),
    },
    "logistics_manager": {"phone": (_monthly(1), _every("1", "2"), _every("1.5", "3"), _AS_NEEDED)},
    "cs_manager": {"phone": (_monthly(1), _every("1", "2"), _SAMPLED, _AS_NEEDED)},
    "general_manager": {"visit": (_every("6", "12"), _AS_NEEDED, None, None)},
}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    listed = [
        {"tier": tier, "role": role, "contact": contact, "interval": interval}
        for role, contacts in MATRIX.items()
        for contact, intervals in contacts.items()
        for tier, interval in zip("ABCD", intervals, strict=True)
        if interval is not None
    ]
    insert = sa.text("INSERT INTO obligation_matrix (version, obligations) VALUES (1, CAST(:listed AS jsonb))")
    op.execute(insert.bindparams(listed=json.dumps(listed)))


def downgrade() -> None:
    op.execute(
        "DROP TABLE account, obligation_matrix, task, complaint_case, contact, consent_sheet, consent, "
        "consent_history, message"
    )
