"""Care's own settings, environment with the prefix CRM_CARE_."""

from datetime import time, timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CareSettings(BaseSettings):
    """Manners and moments that a company may choose otherwise."""

    model_config = SettingsConfigDict(env_prefix="CRM_CARE_", extra="ignore")

    public_url: str = "http://127.0.0.1:8000"
    """Where customers reach us: the beginning of unsubscribe links."""
    case_url: str = Field(default="", pattern=r"^(https?://\S+\{id\}\S*)?$")
    """Where colleagues open a case, `{id}` for its id: the link in what they are told. Empty: the case in the API."""
    money_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Where colleagues see what they pay and are paid: the link in what they are told of it. Empty: the API's `me`."""
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    """No messages between these hours in the customer's zone; equal times mean no quiet hours."""
    weekly_cap: int = Field(default=2, ge=1, le=100)
    """Greetings and promotions to one customer by one channel within seven days."""
    planning_hour: int = Field(default=4, ge=0, le=23)
    """When the daily planning looks at customers whose history arrived the day before."""
    apology_within: timedelta = Field(default=timedelta(hours=1), gt=timedelta(0))
    """Until when the apology call is due: before the next level of the chain is told (domain 3.3)."""
    batch_warning_within: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))
    """Until when a store is called that bought an alarmed batch (domain 3.8)."""
    sale_stop_within: timedelta = Field(default=timedelta(hours=4), gt=timedelta(0))
    """Until when the sale of an alarmed batch is stopped."""
    late_days: int = Field(default=31, ge=1, le=366)
    """For so many days a touch may be entered afterwards."""
    unsubscribe_days: int = Field(default=366, ge=30, le=3660)
    """For so many days after a message has had its time the link in it leads out."""
    lease_seconds: float = Field(default=120, ge=5, le=3600)
    """How long a sender may take for a batch before another one takes over, real time."""
    attempts: int = Field(default=8, ge=1, le=50)
    """How often a provider is tried before a message counts as failed."""
