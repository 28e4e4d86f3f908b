"""Regions as a tree, and franchise contracts that the database itself keeps apart (domain 2.2).

Safe on a live table: regions and brands are few, their new columns are null or constant, their keys are built in a
moment; regions that stand lie in no other one and are numbered here. The rest is new. `btree_gist` comes with every
PostgreSQL and is trusted: the owner of the database may bring it. An older release adds a region without a number, in
which nothing can be signed before the tree is numbered anew.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
SERVES = "0013"

_PLACE = "int4range(lowest, highest) WITH &&"
_TIME = "daterange(starts_on, ends_on) WITH &&"


def _guard(rule: str) -> str:
    return f"(CASE WHEN {rule} THEN int8range(NULL, serial, '(]') ELSE int8range(serial, serial, '[]') END) WITH &&"


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        """
        ALTER TABLE region
            ADD COLUMN parent_id uuid REFERENCES region (id),
            ADD COLUMN lowest integer NOT NULL DEFAULT 0,
            ADD COLUMN highest integer NOT NULL DEFAULT 0,
            ADD CONSTRAINT region_own_parent CHECK (parent_id <> id)
        """
    )
    op.execute(
        """
        UPDATE region AS r SET lowest = 2 * t.place - 1, highest = 2 * t.place
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM region) AS t WHERE r.id = t.id
        """
    )
    op.execute("ALTER TABLE region ADD CONSTRAINT region_numbers UNIQUE (id, lowest, highest)")
    op.execute("CREATE INDEX region_parent ON region (parent_id)")
    op.execute("ALTER TABLE brand ADD CONSTRAINT brand_with_grade UNIQUE (id, grade)")
    op.execute(
        """
        CREATE TABLE network_policy (
            version integer PRIMARY KEY,
            id uuid NOT NULL,
            same_brand boolean NOT NULL,
            same_grade boolean NOT NULL,
            region_grade boolean NOT NULL,
            starts_on date NOT NULL,
            announced_on date NOT NULL
        )
        """
    )
    op.execute(
        """
        INSERT INTO network_policy VALUES
            (1, '01900000-0000-7000-8000-0000000000ce', true, true, false, '1990-01-01', '1990-01-01')
        """
    )
    op.execute(
        f"""
        CREATE TABLE contract (
            id uuid PRIMARY KEY,
            version integer NOT NULL,
            customer_id uuid NOT NULL REFERENCES customer (id),
            brand_id uuid NOT NULL,
            grade text NOT NULL,
            region_id uuid NOT NULL,
            lowest integer NOT NULL,
            highest integer NOT NULL,
            starts_on date NOT NULL,
            ends_on date,
            external_no text,
            serial bigint GENERATED ALWAYS AS IDENTITY,
            same_brand boolean NOT NULL,
            same_grade boolean NOT NULL,
            region_grade boolean NOT NULL,
            policy_version integer NOT NULL,
            signed_at timestamptz NOT NULL,
            signed_by uuid NOT NULL,
            asked_end date,
            withdrawn_at timestamptz,
            CONSTRAINT contract_place FOREIGN KEY (region_id, lowest, highest)
                REFERENCES region (id, lowest, highest) ON UPDATE CASCADE,
            CONSTRAINT contract_grade FOREIGN KEY (brand_id, grade) REFERENCES brand (id, grade) ON UPDATE CASCADE,
            CONSTRAINT contract_has_a_day CHECK (ends_on IS NULL OR ends_on > starts_on),
            CONSTRAINT contract_same_brand EXCLUDE USING gist (brand_id WITH =, {_PLACE}, {_TIME}, {_guard("same_brand")})
                WHERE (withdrawn_at IS NULL) DEFERRABLE,
            CONSTRAINT contract_same_grade EXCLUDE USING gist (
                customer_id WITH =, grade WITH =, brand_id WITH <>, {_TIME}, {_guard("same_grade")})
                WHERE (withdrawn_at IS NULL) DEFERRABLE,
            CONSTRAINT contract_region_grade EXCLUDE USING gist (
                grade WITH =, customer_id WITH <>, {_PLACE}, {_TIME}, {_guard("region_grade")})
                WHERE (withdrawn_at IS NULL) DEFERRABLE
        )
        """
    )
    op.execute("CREATE INDEX contract_customer ON contract (customer_id, id)")
    op.execute("CREATE INDEX contract_brand ON contract (brand_id, id)")
    op.execute("CREATE INDEX contract_region ON contract (region_id, id)")
    op.execute("CREATE UNIQUE INDEX contract_external_no ON contract (external_no) WHERE external_no IS NOT NULL")
    op.execute(
        """
        CREATE TABLE contract_step (
            contract_id uuid NOT NULL REFERENCES contract (id),
            step text NOT NULL,
            done_at timestamptz NOT NULL,
            done_by uuid NOT NULL,
            words bytea,
            PRIMARY KEY (contract_id, step),
            CONSTRAINT contract_step_known CHECK (step IN ('confirm', 'approve', 'letter', 'aftercare'))
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE contract_step, contract, network_policy")
    op.execute("ALTER TABLE brand DROP CONSTRAINT brand_with_grade")
    op.execute("DROP INDEX region_parent")
    op.execute("ALTER TABLE region DROP CONSTRAINT region_numbers")
    op.execute("ALTER TABLE region DROP COLUMN highest, DROP COLUMN lowest, DROP COLUMN parent_id")
