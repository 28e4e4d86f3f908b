"""The company profile."""

from typing import Any

from sqlalchemy import CheckConstraint

from services.customers.registry import CustomersTable
from shared.tables import jsonb, smallint, texts


class CompanyProfileRow(CustomersTable, table=True):
    """The one profile, once somebody has set it."""

    __tablename__ = "company_profile"
    __table_args__ = (CheckConstraint("id = 1", name="company_profile_one"),)

    id: int = smallint(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int
    names: dict[str, Any] = jsonb()
    addresses: dict[str, Any] = jsonb()
    line: str
    languages: list[str] = texts()
    signatories: list[Any] = jsonb()
    """A list: who signs, by name and title in each language, and for which department."""
