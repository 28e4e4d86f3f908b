"""What complaints alone needs to know about where it runs; environment with the prefix CRM_COMPLAINTS_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.lookups import USUAL


class ComplaintsSettings(BaseSettings):
    """How many cases may be recorded by those who are not of customer service, per process; how large a file may be."""

    model_config = SettingsConfigDict(env_prefix="CRM_COMPLAINTS_", extra="ignore")

    cases_per_hour: int = Field(default=60, ge=1)
    """By one caller: a partner's system, a colleague in the field. The hotline and administration have no bound."""
    cases_per_customer_per_hour: int = Field(default=10, ge=1)
    """By one caller about one customer."""
    largest_file: int = Field(default=20 << 20, ge=1 << 10, le=1 << 30)
    """Bytes that a file of evidence has at most."""


class LookUpSettings(BaseSettings):
    """How often one caller may look up whose a phone is, per process; the same setting as that of customers."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    lookups_per_hour: int = Field(default=USUAL, ge=1)
