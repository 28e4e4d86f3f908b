"""What customers reacts to: event type -> reaction. Nothing yet: it owns the directory that the others are told."""

from collections.abc import Mapping

from services.customers.context import Context
from shared.reactions import Reaction

REACTIONS: Mapping[str, Reaction[Context]] = {}
