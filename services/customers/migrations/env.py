"""Alembic's entry for customers."""

from services.customers.schema import METADATA
from shared.migrations import run

run(METADATA)
