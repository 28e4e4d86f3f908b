"""Everything that stands in the database of customers: what Alembic compares with."""

from services.customers.registry import CustomersTable
from shared.directory import add_directory_tables
from shared.kernel_schema import add_kernel_tables

METADATA = CustomersTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
