"""Everything that stands in the database of reporting: what Alembic compares with, and what a rebuild empties."""

from services.reporting.registry import ProjectionTable, ReportingTable
from shared.alias_schema import ALIASES
from shared.directory_schema import DIRECTORY
from shared.schema import schema_of
from shared.statement import table

METADATA = schema_of("services.reporting", ReportingTable)

PROJECTIONS = (*(table(rows).name for rows in ProjectionTable.__subclasses__()), *DIRECTORY.tables, *ALIASES.tables)
"""What a rebuild empties and fills again. The live stream is none, its numbers are where clients stopped; nor is what
people write here."""
