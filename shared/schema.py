"""A service's whole schema, found from its capabilities: what Alembic compares with, and what statements speak of."""

import importlib
import pkgutil

import sqlalchemy as sa
from sqlmodel import SQLModel

from shared.alias_schema import ALIASES
from shared.directory_schema import DIRECTORY
from shared.kernel_schema import KERNEL


def schema_of(package: str, base: type[SQLModel], *, directory: bool = True) -> sa.MetaData:
    """The metadata of a service (such as "services.care"), its tables gathered from every module named `tables`.

    `directory`: whether the service keeps the directory, too; the one that owns it does not.
    """
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if "tables" in found.name.split("."):
            importlib.import_module(found.name)
    for table in (*KERNEL.sorted_tables, *ALIASES.sorted_tables, *(DIRECTORY.sorted_tables if directory else ())):
        table.to_metadata(base.metadata)
    return base.metadata
