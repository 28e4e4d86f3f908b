"""What the parts of the statement that answers a call are told (`screenpop/store.py`): who calls, by what, when."""

from sqlalchemy import TIMESTAMP, LargeBinary, Uuid, literal_column

CALLER = literal_column("caller.id", Uuid)
NOW = literal_column("caller.now", TIMESTAMP(timezone=True))
TRACE = literal_column("caller.trace", LargeBinary)
