"""What complaints alone needs to know about where it runs; environment with the prefix CRM_COMPLAINTS_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.lookups import USUAL


class ComplaintsSettings(BaseSettings):
    """How many cases may be recorded by those who are not of customer service, per process; how large a file may be;
    how complainants are written to."""

    model_config = SettingsConfigDict(env_prefix="CRM_COMPLAINTS_", extra="ignore")

    cases_per_hour: int = Field(default=60, ge=1)
    """By one caller: a partner's system, a colleague in the field. The hotline and administration have no bound."""
    cases_per_customer_per_hour: int = Field(default=10, ge=1)
    """By one caller about one customer."""
    largest_file: int = Field(default=20 << 20, ge=1 << 10, le=1 << 30)
    """Bytes that a file of evidence has at most."""
    public_url: str = "http://127.0.0.1:8000"
    """Where complainants reach us: the beginning of the links by which they follow a case."""
    line: str = "400-000-0000"
    """The complaint line, day and night, as it is named to complainants."""
    lease_seconds: float = Field(default=120, ge=5, le=3600)
    """How long a sender may take for a batch before another one takes over, real time."""
    attempts: int = Field(default=8, ge=1, le=50)
    """How often a provider is tried before a letter counts as failed."""
    tracking_days: int = Field(default=90, ge=1, le=3660)
    """For so many days after its closing a complainant's token is good (decision 19)."""
    visits_per_minute: int = Field(default=60, ge=1)
    """By whoever has the token of one case, per process."""
    additions_per_hour: int = Field(default=20, ge=1)
    """Words and judgements by whoever has the token of one case, per process."""


class LookUpSettings(BaseSettings):
    """How often one caller may look up whose a phone is, per process; the same setting as that of customers."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    lookups_per_hour: int = Field(default=USUAL, ge=1)
