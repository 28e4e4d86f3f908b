"""What is published of the company."""

from dataclasses import asdict
from datetime import datetime

from services.customers.company.domain import COMPANY, Profile
from shared.bus.event import Event
from shared.contracts.customers import CompanyListed


def listed(profile: Profile, at: datetime) -> Event:
    """The profile as it is now."""
    fields = asdict(profile)
    version = fields.pop("version")
    return Event.of(CompanyListed(company_id=COMPANY, **fields), aggregate_id=COMPANY, version=version, at=at)
