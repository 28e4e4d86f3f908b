"""What is done after a contract has ended: a table with versions, and tasks that say of which contract they are.

Safe on a live table: a new one, and nullable columns of tasks, which rewrite nothing; the index is over tasks of a kind
of which there are none yet, and to find that takes a look at every task, a second for a million, in which tasks are
read and not written. Going back leaves the tasks that were made, which older code does not know: they go with it.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
SERVES = "0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE aftercare_policy (
            version integer PRIMARY KEY,
            errands jsonb NOT NULL,
            set_at timestamptz,
            set_by uuid
        )
        """
    )
    op.execute(
        """
        INSERT INTO aftercare_policy (version, errands) VALUES (1, '[
            {"code": "call", "names": {"zh-CN": "回访", "en": "Call"}, "role": "cs_manager", "contact": "phone",
             "after_days": 7, "within_days": 3},
            {"code": "display", "names": {"zh-CN": "收回陈列用品", "en": "Fetch the display"}, "role": "salesperson",
             "contact": "visit", "after_days": 0, "within_days": 14},
            {"code": "account", "names": {"zh-CN": "结清账目", "en": "Settle the account"}, "role": "sales_manager",
             "contact": "phone", "after_days": 0, "within_days": 30}
        ]')
        """
    )
    op.execute("ALTER TABLE task ADD COLUMN contract_id uuid, ADD COLUMN errand text")
    op.execute("CREATE UNIQUE INDEX task_one_errand ON task (contract_id, errand) WHERE kind = 'aftercare'")


def downgrade() -> None:
    op.execute("DROP INDEX task_one_errand")
    op.execute("DELETE FROM task WHERE kind = 'aftercare'")
    op.execute("ALTER TABLE task DROP COLUMN errand, DROP COLUMN contract_id")
    op.drop_table("aftercare_policy")
