"""What customers alone needs to know about where it runs."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CustomersSettings(BaseSettings):
    """Read from the environment, beside the settings that all services share."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    largest_import: int = Field(default=512 << 20, ge=1)
    """Bytes of an uploaded file of customers or purchases."""
    close_months_after_days: int | None = Field(default=None, ge=0, le=60)
    """Days after its end on which a month closes by itself; None: an administrator closes months (decision 10)."""
