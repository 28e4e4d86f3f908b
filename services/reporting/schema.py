"""Everything that stands in the database of reporting: what Alembic compares with."""

from services.reporting.registry import ReportingTable
from shared.directory import add_directory_tables
from shared.kernel_schema import add_kernel_tables

METADATA = ReportingTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
