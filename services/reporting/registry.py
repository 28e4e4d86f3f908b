"""The registry of this service's tables, its own because table names repeat between services (decision 32)."""

from sqlalchemy.orm import registry

from shared.tables import Table


class ReportingTable(Table, registry=registry()):
    """Base of every table of reporting."""


class ProjectionTable(ReportingTable):
    """Base of a table that is a function of the events: a rebuild empties it, and it fills again from the log."""
