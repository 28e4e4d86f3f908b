"""The company profile, as customers told of it last."""

from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import jsonb


class CompanyRow(ComplaintsTable, table=True):
    """The profile as it was told: names, addresses, complaint line, languages, signatories."""

    __tablename__ = "company"

    id: UUID = Field(primary_key=True)
    profile: dict[str, Any] = jsonb()
