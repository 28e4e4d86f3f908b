"""Which provider serves which channel, and how it is reached; environment with the prefix CRM_DELIVERY_."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DeliverySettings(BaseSettings):
    """Everything is written into the outbox folder unless another provider is chosen; `off` sends nothing."""

    model_config = SettingsConfigDict(env_prefix="CRM_DELIVERY_", extra="ignore")

    email: Literal["file", "console", "off", "smtp"] = "file"
    sms: Literal["file", "console", "off", "gateway"] = "file"
    webhook: Literal["file", "console", "off", "webhook"] = "file"
    seconds: float = Field(default=10, gt=0, le=120)
    """How long a provider may take for one message."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_sender: str = "care@localhost.localdomain"
    smtp_start_tls: bool | None = None
    """None: when the server offers it."""
    smtp_tls: bool = False

    sms_url: str = ""
    sms_token: SecretStr = SecretStr("")

    private_addresses: bool = False
    """Whether webhooks may go to loopback and private ranges; for trying out and for gateways inside the house."""
