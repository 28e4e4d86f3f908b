"""Internal cases say where they were found and are listed by what they are about, those that were recorded as any other
case, too; stores that sell outside their region or below the price, and measures by contract.

Safe on a live table: nullable columns of a small table with a check that null passes, a check that takes more than before,
an index on that table, new tables, and rows for the internal cases that are there, for which the cases are read once.
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None
SERVES = "0009"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE internal_case
            ADD COLUMN found_in text,
            ADD COLUMN region_id uuid,
            ADD CONSTRAINT internal_case_found_in CHECK (
                found_in IN ('work', 'records', 'call', 'visit', 'market', 'other')),
            DROP CONSTRAINT internal_case_type,
            ADD CONSTRAINT internal_case_type CHECK (
                type IN ('process', 'service', 'fault', 'diversion', 'price_breaking', 'other'))
        """
    )
    op.execute("CREATE INDEX internal_case_type ON internal_case (type, complaint_id)")
    op.execute(
        """
        INSERT INTO internal_case (complaint_id, type)
        SELECT id, 'other' FROM complaint WHERE kind = 'internal' ON CONFLICT (complaint_id) DO NOTHING
        """
    )
    op.execute(
        """
        CREATE TABLE contract_measure_code (
            code text PRIMARY KEY,
            name_en text NOT NULL,
            name_zh text NOT NULL,
            active boolean NOT NULL
        )
        """
    )
    op.execute(
        """
        INSERT INTO contract_measure_code (code, name_en, name_zh, active) VALUES
            ('warning', 'Warning', '警告', true),
            ('penalty_by_contract', 'Penalty by contract', '合同违约金', true),
            ('stop_of_supply', 'Stop of supply', '停止供货', true),
            ('end_of_contract', 'End of the contract', '解除合同', true)
        """
    )
    op.execute(
        """
        CREATE TABLE contract_measure (
            id uuid PRIMARY KEY,
            internal_id uuid NOT NULL REFERENCES internal_case (complaint_id),
            code text NOT NULL REFERENCES contract_measure_code (code),
            decided_by uuid NOT NULL,
            decided_on date NOT NULL,
            recorded_at timestamptz NOT NULL,
            recorded_by uuid NOT NULL,
            words bytea,
            withdrawn_at timestamptz,
            withdrawn_by uuid,
            reason bytea
        )
        """
    )
    op.execute("CREATE INDEX contract_measure_case ON contract_measure (internal_id, id)")


def downgrade() -> None:
    for name in ("contract_measure", "contract_measure_code"):
        op.execute(f"DROP TABLE {name}")
    op.execute("DELETE FROM internal_case WHERE type <> 'fault'")
    op.execute("DROP INDEX internal_case_type")
    op.execute(
        """
        ALTER TABLE internal_case
            DROP CONSTRAINT internal_case_type,
            ADD CONSTRAINT internal_case_type CHECK (type IN ('process', 'service', 'fault', 'other')),
            DROP CONSTRAINT internal_case_found_in,
            DROP COLUMN region_id,
            DROP COLUMN found_in
        """
    )
