"""The company profile in the database."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from services.complaints.company.domain import Company
from services.complaints.company.tables import CompanyRow
from shared.contracts.customers import CompanySignatory
from shared.statement import Reader, Statement, upsert_many

KEEP = Statement(upsert_many(CompanyRow, "id", "profile"))


def _company(profile: dict[str, Any]) -> Company:
    signatories = [CompanySignatory.model_validate(each) for each in profile["signatories"]]
    return Company(**{**profile, "signatories": signatories})


_READ = Statement(select(col(CompanyRow.profile)).limit(1), _company)


async def read(reader: Reader) -> Company | None:
    """The company; None before its profile was set and told."""
    return await _READ.one(reader)
