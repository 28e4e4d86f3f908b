"""Alembic's entry for reporting."""

from services.reporting.schema import METADATA
from shared.migrations import run

run(METADATA)
