"""Who registered a customer, and indexes for who sees whom."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE archive ADD COLUMN registered_by uuid")
    op.execute(
        "CREATE INDEX archive_registered_by ON archive (registered_by, customer_id) WHERE registered_by IS NOT NULL"
    )
    op.execute("CREATE INDEX staff_supervisor ON staff (supervisor_id)")
    op.execute("CREATE INDEX staff_department ON staff (department_id)")
    op.execute("CREATE INDEX department_manager ON department (manager_id)")


def downgrade() -> None:
    op.execute("DROP INDEX department_manager, staff_department, staff_supervisor")
    op.execute("ALTER TABLE archive DROP COLUMN registered_by")
