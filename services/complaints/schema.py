"""Everything that stands in the database of complaints: what Alembic compares with."""

from services.complaints.calendars import tables as calendars
from services.complaints.cases import tables as cases
from services.complaints.customers import tables as customers
from services.complaints.history import tables as history
from services.complaints.registry import ComplaintsTable
from services.complaints.replies import tables as replies
from services.complaints.response_clocks import tables as response_clocks
from services.complaints.revisions import tables as revisions
from services.complaints.steps import tables as steps
from services.complaints.subjects import tables as subjects
from shared.directory_schema import add_directory_tables
from shared.kernel_schema import add_kernel_tables

TABLES = (revisions, calendars, subjects, response_clocks, customers, cases, history, steps, replies)
METADATA = ComplaintsTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)
