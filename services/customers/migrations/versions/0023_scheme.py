"""The scheme: its parts as all services tell of them, its versions, and who has acknowledged which.

Safe on a live table: new ones. The keys to staff are checked against tables that are empty.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
SERVES = "0013"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE policy_told (policy_id uuid NOT NULL, change smallint NOT NULL, PRIMARY KEY (policy_id, change))"
    )
    op.execute(
        """
        CREATE TABLE scheme_part (
            policy_id uuid PRIMARY KEY,
            part text NOT NULL,
            version integer NOT NULL,
            starts_at timestamptz NOT NULL,
            tier text,
            subject text,
            department_id uuid,
            withdrawn boolean NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE scheme_version (
            version integer PRIMARY KEY,
            id uuid NOT NULL UNIQUE,
            title text NOT NULL,
            holds_from timestamptz NOT NULL,
            made_at timestamptz NOT NULL,
            made_by uuid NOT NULL,
            parts jsonb NOT NULL,
            withdrawn_at timestamptz,
            withdrawn_by uuid
        )
        """
    )
    op.execute(
        """
        CREATE TABLE scheme_acknowledgement (
            scheme_version integer NOT NULL REFERENCES scheme_version,
            staff_id uuid NOT NULL REFERENCES staff,
            acknowledged_at timestamptz NOT NULL,
            PRIMARY KEY (scheme_version, staff_id)
        )
        """
    )
    op.execute("CREATE INDEX scheme_acknowledgement_staff ON scheme_acknowledgement (staff_id)")


def downgrade() -> None:
    for table in ("scheme_acknowledgement", "scheme_version", "scheme_part", "policy_told"):
        op.execute(f"DROP TABLE {table}")
