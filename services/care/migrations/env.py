"""Alembic's entry for care."""

from services.care.schema import METADATA
from shared.migrations import run

run(METADATA)
