"""Keeping the company profile."""

from services.complaints.company import store
from shared.contracts.customers import CompanyListed
from shared.projection import Projection

on_company_listed = Projection(
    CompanyListed,
    store.KEEP,
    lambda fact: {"id": fact.company_id, "profile": fact.model_dump(mode="json", exclude={"company_id"})},
    key=lambda fact: fact.company_id,
)
