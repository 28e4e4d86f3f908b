"""Everything that stands in the database of care: what Alembic compares with."""

from services.care.registry import CareTable
from shared.schema import schema_of

METADATA = schema_of("services.care", CareTable)
