"""The newest migration of a service, told from the files: serving compares it, and only migrating needs Alembic.

Loading Alembic costs a process a third of a second of its start.
"""

import re
from importlib.resources import files

from shared.settings import ServiceName

_FILE = re.compile(r"(\d{4})_\w+\.py")


def newest(service: ServiceName) -> str:
    """The revision whose number is the highest, such as "0003"."""
    names = (entry.name for entry in files(f"services.{service}").joinpath("migrations", "versions").iterdir())
    return max(found[1] for name in names if (found := _FILE.fullmatch(name)))
