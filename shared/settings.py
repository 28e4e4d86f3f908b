"""Settings come from the environment with the prefix CRM_; a service adds its own beside these."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ServiceName = Literal["customers", "complaints", "care", "reporting"]
SERVICES: tuple[ServiceName, ...] = ("customers", "complaints", "care", "reporting")


class Settings(BaseSettings):
    """What every service needs to know about where it runs."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    production: bool = False
    timezone: str = "Asia/Shanghai"
    clock_offset: timedelta = timedelta()
    kafka_bootstrap: str = ""
    """host:port[,…]; empty means the bus inside the process."""
    member: str = ""
    """This worker's name in its consumer group, unique per process; one that stays the same over restarts takes its
    partitions back at once. Empty: host and process id."""
    master_key: SecretStr = SecretStr("")
    """32 bytes in hex. Wraps the keys of personal data, stored answers, cursors and tracking tokens."""
    jwks_url: str = ""
    issuer: str = "crm"
    audience: str = "crm"
    token_algorithm: str = "Ed25519"  # noqa: S105  the name of an algorithm, not a secret
    database_pool: int = Field(default=12, ge=2, le=200)
    requests_per_second_per_token: int = 100
    requests_per_second_per_address: int = 10
    rate_limits_admin: bool = True
    """False in the all-in-one mode: tokens with the role admin are not limited (decision 27)."""
    trusted_proxies: list[str] = []
    """Addresses and networks whose X-Forwarded-For is believed; nobody's unless named."""
    metrics_networks: list[str] = ["127.0.0.0/8", "::1/128"]
    """Who may read the metrics, by the address that the connection comes from (behind a trusted proxy: its client)."""
    largest_body: int = 1_048_576
    """Bytes of a JSON body; uploads have their own bound."""
    cors_origins: list[str] = []
    outbox_directory: Path = Path(".data/outbox")
    """Where the file provider writes messages."""
    trace_ratio: float = Field(default=0.05, ge=0, le=1)
    otlp_endpoint: str = ""
    log_level: str = "INFO"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
