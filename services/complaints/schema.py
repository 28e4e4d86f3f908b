"""Everything that stands in the database of complaints: what Alembic compares with."""

from services.complaints.registry import ComplaintsTable
from shared.schema import schema_of

METADATA = schema_of("services.complaints", ComplaintsTable)
