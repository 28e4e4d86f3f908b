"""Policies that are documents, of which the first says who may do which step; who handled a case before; by which
version of the table a step was done.

Safe on a live table: a new table, and columns without a default. Older code leaves the columns alone: what it assigns
meanwhile leaves no trace in `former_handlers`.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE case_policy (
            policy text NOT NULL,
            version integer NOT NULL,
            id uuid NOT NULL UNIQUE,
            definition jsonb NOT NULL,
            starts_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            created_by uuid,
            PRIMARY KEY (policy, version)
        )
        """
    )
    op.execute(
        """
        INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
        ('step_roles', 1, '01900000-0000-7000-8000-0000000000e1', '{"doers": {
            "investigate": ["cs_specialist", "cs_manager", "handler"],
            "propose": ["accountable", "supervisor", "handler", "cs_specialist", "cs_manager"],
            "execute": ["accountable", "supervisor", "handler"],
            "inspect": ["admin_dept"],
            "settle": ["admin_dept"],
            "reply": ["admin_dept", "department"],
            "judge": ["admin_dept", "cs_manager"]
        }}', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
        """
    )
    op.execute("ALTER TABLE complaint ADD COLUMN former_handlers uuid[]")
    op.execute("ALTER TABLE case_step ADD COLUMN policy_version integer")


def downgrade() -> None:
    op.execute("ALTER TABLE case_step DROP COLUMN policy_version")
    op.execute("ALTER TABLE complaint DROP COLUMN former_handlers")
    op.execute("DROP TABLE case_policy")
