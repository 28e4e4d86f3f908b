"""Everything that stands in the database of customers: what Alembic compares with."""

from services.customers.registry import CustomersTable
from shared.schema import schema_of

METADATA = schema_of("services.customers", CustomersTable, directory=False)
