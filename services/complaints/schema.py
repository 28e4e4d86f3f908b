"""Everything that stands in the database of complaints: what Alembic compares with."""

from services.complaints.cases import tables as cases
from services.complaints.customers import tables as customers
from services.complaints.history import tables as history
from services.complaints.registry import ComplaintsTable
from services.complaints.replies import tables as replies
from services.complaints.rulebook import tables as rulebook
from services.complaints.steps import tables as steps
from shared.directory_schema import add_directory_tables
from shared.kernel_schema import add_kernel_tables

TABLES = (rulebook, customers, cases, history, steps, replies)
METADATA = ComplaintsTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
