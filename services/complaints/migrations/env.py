"""Alembic's entry for complaints."""

from services.complaints.schema import METADATA
from shared.migrations import run

run(METADATA)
