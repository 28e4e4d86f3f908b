"""The registry of this service's tables, its own because table names repeat between services (decision 32)."""

from sqlalchemy.orm import registry

from shared.tables import Table


class CareTable(Table, registry=registry()):
    """Base of every table of care."""
