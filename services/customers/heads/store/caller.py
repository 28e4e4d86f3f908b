"""What the parts of the statement that answers a call are told: who calls, and when (`screenpop/store.py`)."""

from sqlalchemy import TIMESTAMP, Uuid, literal_column

CALLER = literal_column("caller.id", Uuid)
NOW = literal_column("caller.now", TIMESTAMP(timezone=True))
