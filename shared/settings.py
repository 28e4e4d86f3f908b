"""Settings come from the environment with the prefix CRM_; a service adds its own beside these."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ServiceName = Literal["customers", "complaints", "care", "reporting"]
SERVICES: tuple[ServiceName, ...] = ("customers", "complaints", "care", "reporting")
TokenAlgorithm = Literal["Ed25519", "EdDSA", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512"]
"""How an issuer may sign: with keys of two parts only, since ours are read from where anybody may read them."""


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError("an address or a network, such as 10.0.0.0/8") from None


Network = Annotated[str, AfterValidator(_network)]


def _key(given: SecretStr) -> SecretStr:
    if given.get_secret_value() and not re.fullmatch(r"[0-9a-fA-F]{64}", given.get_secret_value()):
        raise ValueError("32 bytes in hex")
    return given


def _keys(given: SecretStr) -> SecretStr:
    for each in given.get_secret_value().split(","):
        _key(SecretStr(each.strip()))
    return given


def _ring(given: SecretStr) -> SecretStr:
    ids = []
    for each in given.get_secret_value().split(",") if given.get_secret_value() else ():
        id_, _, key = each.strip().partition(":")
        if not (re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,31}", id_) and re.fullmatch(r"[0-9a-fA-F]{64}", key)):
            raise ValueError("id:key with commas between; an id is of a-z, 0-9, - and ., a key is 32 bytes in hex")
        ids.append(id_)
    if "first" in ids:
        raise ValueError("the id first is that of CRM_MASTER_KEY; choose another")
    if len(set(ids)) < len(ids):
        raise ValueError("each id once")
    return given


SealingKey = Annotated[SecretStr, AfterValidator(_key)]
SealingKeys = Annotated[SecretStr, AfterValidator(_keys)]
MasterKeys = Annotated[SecretStr, AfterValidator(_ring)]


class Settings(BaseSettings):
    """What every service needs to know about where it runs."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    production: bool = False
    timezone: str = "Asia/Shanghai"
    clock_offset: timedelta = Field(default=timedelta(), ge=timedelta(), le=timedelta(days=3660))
    kafka_bootstrap: str = ""
    """host:port[,…]; empty means the bus inside the process."""
    member: str = ""
    """This worker's name in its consumer group, unique per process; one that stays the same over restarts takes its
    partitions back at once. Empty: host and process id."""
    master_key: SecretStr = SecretStr("")
    """32 bytes in hex. Seals stored answers, cursors, tracking tokens and what is no person's, and makes blind indexes;
    it wraps the keys of persons where no other key does."""
    master_keys: MasterKeys = SecretStr("")
    """id:key with commas between, the present one first: they wrap the keys of persons. Empty: the master key does."""
    contacts_key: SealingKey = SecretStr("")
    """32 bytes in hex, for customers, complaints and care alone: seals what travels on the contacts topic. Empty: the
    master key does."""
    contacts_keys_before: SealingKeys = SecretStr("")
    """Keys that sealed contacts before, with commas between; they open what is sealed under them."""
    jwks_url: str = ""
    issuer: str = "crm"
    audience: str = "crm"
    token_algorithm: TokenAlgorithm = "Ed25519"  # noqa: S105  the name of an algorithm, not a secret
    database_pool: int = Field(default=12, ge=2, le=200)
    requests_per_second_per_token: int = Field(default=100, ge=1)
    requests_per_second_per_address: int = Field(default=10, ge=1)
    rate_limits_admin: bool = True
    """False in the all-in-one mode: tokens with the role admin are not limited (decision 27)."""
    trusted_proxies: list[Network] = []
    """Addresses and networks whose X-Forwarded-For is believed; nobody's unless named."""
    metrics_networks: list[Network] = ["127.0.0.0/8", "::1/128"]
    """Who may read the metrics, by the address that the connection comes from (behind a trusted proxy: its client)."""
    largest_body: int = Field(default=1_048_576, ge=1)
    """Bytes of a JSON body; uploads have their own bound."""
    cors_origins: list[str] = []
    cors_local: bool = False
    """Lets pages on any port of localhost call: for those who develop a front end. Refused in production mode."""
    outbox_directory: Path = Path(".data/outbox")
    """Where the file provider writes messages."""
    files_directory: Path = Path(".data/files")
    """Where files are kept, unless a server keeps them (CRM_STORAGE_KIND); all processes of a service share it."""
    trace_ratio: float = Field(default=0.05, ge=0, le=1)
    otlp_endpoint: str = ""
    """http://host:4318 of a collector, to whose /v1/traces spans are sent; empty: nowhere."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("an IANA time zone, such as Asia/Shanghai")
        return name

    @field_validator("otlp_endpoint")
    @classmethod
    def _address(cls, given: str) -> str:
        if given and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", given):
            raise ValueError("an address that begins with http:// or https://, such as http://collector:4318")
        return given

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
