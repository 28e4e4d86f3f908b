"""What customers alone needs to know about where it runs."""

from decimal import Decimal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.lookups import USUAL


class CustomersSettings(BaseSettings):
    """Read from the environment, beside the settings that all services share."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    largest_import: int = Field(default=512 << 20, ge=1)
    """Bytes of an uploaded file of customers or purchases."""
    largest_purchase: Decimal = Field(default=Decimal(100_000), gt=0)
    """CNY of a purchase that is entered by somebody who is not of administration."""
    entry_months: int = Field(default=3, ge=0, le=120)
    """How many months before the running one they may enter into, as long as these are open."""
    lookups_per_hour: int = Field(default=USUAL, ge=1)
    """How often one caller may look up whose a phone or an e-mail is, per process; administrators have no bound."""
    revise_months_after_seconds: int = Field(default=60, ge=0, le=86_400)
    """How long nothing has come into a closed month before what came late is taken up by itself."""
    close_months_after_days: int | None = Field(default=None, ge=0, le=60)
    """Days after its end on which a month closes by itself; None: an administrator closes months (decision 10)."""
