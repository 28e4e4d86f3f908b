"""What the parts of the statement that answers a call are told (`screenpop/store.py`): who calls, by what, when."""

from sqlalchemy import TIMESTAMP, Boolean, LargeBinary, Uuid, literal_column

CALLER = literal_column("caller.id", Uuid)
NOW = literal_column("caller.now", TIMESTAMP(timezone=True))
TRACE = literal_column("caller.trace", LargeBinary)
SAME_CALL = literal_column("f.place = caller.place", Boolean)
"""Of those found, as `found f`: who was found by the same call."""
