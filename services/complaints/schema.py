"""Everything that stands in the database of complaints: what Alembic compares with."""

from services.complaints.registry import ComplaintsTable
from shared.directory import add_directory_tables
from shared.kernel_schema import add_kernel_tables

METADATA = ComplaintsTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
