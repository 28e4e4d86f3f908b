"""Everything that stands in the database of care: what Alembic compares with."""

from services.care.registry import CareTable
from shared.directory import add_directory_tables
from shared.kernel_schema import add_kernel_tables

METADATA = CareTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
