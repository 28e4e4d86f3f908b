"""Everything that stands in the database of reporting: what Alembic compares with, and what a rebuild empties."""

from sqlalchemy import MetaData

from services.reporting.complaints import tables as _complaints
from services.reporting.customer360 import tables as _customer360
from services.reporting.registry import ProjectionTable, ReportingTable
from services.reporting.service import tables as _service
from services.reporting.stream import tables as _stream
from services.reporting.tiers import tables as _tiers
from services.reporting.timeline import tables as _timeline
from shared.directory_schema import add_directory_tables
from shared.kernel_schema import add_kernel_tables

CAPABILITIES = (_customer360, _timeline, _complaints, _tiers, _service, _stream)
"""Imported so that their tables stand in the metadata."""

METADATA = ReportingTable.metadata
add_kernel_tables(METADATA)
add_directory_tables(METADATA)


def _directory() -> list[str]:
    alone = MetaData()
    add_directory_tables(alone)
    return list(alone.tables)


PROJECTIONS = (*(str(table.__tablename__) for table in ProjectionTable.__subclasses__()), *_directory())
"""What a rebuild empties and fills again. The live stream is none: its numbers are where clients stopped."""
