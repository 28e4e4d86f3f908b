"""Everything that stands in the database of customers: what Alembic compares with."""

from services.customers.archive import tables as archive
from services.customers.heads import tables as heads
from services.customers.imports import tables as imports
from services.customers.organisation import tables as organisation
from services.customers.purchases import tables as purchases
from services.customers.registry import CustomersTable
from services.customers.teams import tables as teams
from services.customers.tiers import tables as tiers
from shared.kernel_schema import add_kernel_tables

TABLES = (organisation, heads, archive, teams, purchases, tiers, imports)
METADATA = CustomersTable.metadata
add_kernel_tables(METADATA)
