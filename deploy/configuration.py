"""The environment, judged as a whole before anything starts: one message names every mistake, and quotes no secret."""

import importlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from deploy.refusals import NotConfigured
from shared.delivery.port import CHANNELS
from shared.delivery.settings import DeliverySettings
from shared.settings import SERVICES, ServiceName, Settings
from shared.storage.settings import StorageSettings

S = TypeVar("S", bound=BaseSettings)
KEEPS_FILES: ServiceName = "complaints"
"""The service that keeps files in the storage."""
SEND: tuple[ServiceName, ...] = ("complaints", "care")
"""The services that hand messages to providers."""
_BROKER = re.compile(r"[^\s:,]+:\d{1,5}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a process of a service is told by its environment, free of mistakes."""

    settings: Settings
    master_key: bytes
    database_url: str


def configured(service: ServiceName, *, needs_bus: bool = False, needs_keys: bool = True) -> Configuration:
    """The configuration of a process; `needs_keys` says that it checks tokens.

    Raises NotConfigured with every mistake.
    """
    mistakes: list[str] = []
    settings = _read(Settings, mistakes)
    own = {kind.__name__: _read(kind, mistakes) for kind in _settings_of(service)}
    delivery = _read(DeliverySettings, mistakes) if service in SEND else None
    if service == KEEPS_FILES and (storage := _read(StorageSettings, mistakes)) is not None:
        mistakes += _faults_of_storage(storage)
    url = os.environ.get(_database(service), "")
    mistakes += _faults_of_database(_database(service), url)
    if settings is not None:
        mistakes += _faults(settings, needs_bus=needs_bus, needs_keys=needs_keys)
        if settings.production:
            mistakes += _not_meant(settings, delivery, own)
    if mistakes or settings is None:
        raise _refusal(mistakes)
    return Configuration(settings, bytes.fromhex(settings.master_key.get_secret_value()), url)


def general_settings() -> Settings:
    """The settings alone, where a mode brings everything else along; raises NotConfigured with every mistake."""
    mistakes: list[str] = []
    settings = _read(Settings, mistakes)
    for service in SERVICES:
        for kind in _settings_of(service):
            _read(kind, mistakes)
    _read(DeliverySettings, mistakes)
    if (storage := _read(StorageSettings, mistakes)) is not None:
        mistakes += _faults_of_storage(storage)
    if mistakes or settings is None:
        raise _refusal(mistakes)
    return settings


def databases() -> dict[ServiceName, str]:
    """The databases that the environment names; raises NotConfigured when it names none, or one that cannot be."""
    named = {service: os.environ[_database(service)] for service in SERVICES if _database(service) in os.environ}
    if not named:
        raise NotConfigured("nothing to migrate: set " + ", ".join(map(_database, SERVICES)) + ", or some of them")
    mistakes = [fault for service, url in named.items() for fault in _faults_of_database(_database(service), url)]
    if mistakes:
        raise _refusal(mistakes)
    return named


def _database(service: ServiceName) -> str:
    return f"CRM_DATABASE_URL_{service.upper()}"


def _settings_of(service: ServiceName) -> list[type[BaseSettings]]:
    """The classes that a service's own `settings.py` has."""
    name = f"services.{service}.settings"
    if find_spec(name) is None:
        return []
    found = vars(importlib.import_module(name)).values()
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseSettings) and kind.model_fields]


def _read(kind: type[S], mistakes: list[str]) -> S | None:
    """The settings, with its default for each that is wrong, so that what depends on others is judged too."""
    try:
        return kind()
    except ValidationError as faults:
        wrong = {str(fault["loc"][0]): _said(fault) for fault in faults.errors()}
        prefix = str(kind.model_config.get("env_prefix", ""))
        mistakes += [f"{prefix}{name.upper()}: {said}" for name, said in wrong.items()]
        return kind(**{name: kind.model_fields[name].get_default(call_default_factory=True) for name in wrong})
    except SettingsError as fault:  # a list that is no JSON; the text names the field, never its value
        field = re.search(r'field "(\w+)"', str(fault))
        mistakes.append(f'CRM_{field[1].upper() if field else "…"}: write it as JSON, such as ["one", "two"]')
    return None


def _said(fault: Mapping[str, Any]) -> str:
    return str(fault["msg"]).removeprefix("Value error, ")


def _faults(settings: Settings, *, needs_bus: bool, needs_keys: bool) -> Iterator[str]:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", settings.master_key.get_secret_value()):
        yield "CRM_MASTER_KEY: 32 bytes in hex, the same for all services"
    if needs_keys and not settings.jwks_url:
        yield "CRM_JWKS_URL: where the issuer shows its keys (or file:/… with those of `crm token --jwks`)"
    elif settings.jwks_url and not _leads_somewhere(urlsplit(settings.jwks_url)):
        yield "CRM_JWKS_URL: an address that begins with https://, http:// or file:/"
    brokers = [each for each in settings.kafka_bootstrap.split(",") if each.strip()]
    if needs_bus and not brokers:
        yield "CRM_KAFKA_BOOTSTRAP: host:port of a broker; workers talk through Kafka (`crm run` needs none)"
    if any(not _BROKER.fullmatch(each.strip()) for each in brokers):
        yield "CRM_KAFKA_BOOTSTRAP: host:port, several of them with commas between"


def _faults_of_storage(storage: StorageSettings) -> Iterator[str]:
    if storage.kind == "s3" and not storage.bucket:
        yield "CRM_STORAGE_BUCKET: the bucket in which files are kept when CRM_STORAGE_KIND is s3"


def _leads_somewhere(url: SplitResult) -> bool:
    return bool(url.path) if url.scheme == "file" else url.scheme in ("http", "https") and bool(url.hostname)


def _faults_of_database(name: str, url: str) -> list[str]:
    """An address may hold a password, so nothing of it is quoted."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1 and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    return [] if is_one else [f"{name}: an address such as postgresql://user:password@host:5432/database"]


def _not_meant(settings: Settings, delivery: DeliverySettings | None, own: Mapping[str, Any]) -> Iterator[str]:
    """What works and cannot be meant in production."""
    if settings.clock_offset:
        yield "CRM_CLOCK_OFFSET: it is for rehearsals, and refused with CRM_PRODUCTION"
    if settings.cors_local:
        yield "CRM_CORS_LOCAL: it is for developing a front-end; name the front-ends in CRM_CORS_ORIGINS"
    if "*" in settings.cors_origins:
        yield "CRM_CORS_ORIGINS: name the front-ends; every page of the web cannot be meant in production"
    if delivery is not None:
        yield from _reaches_nobody(delivery)
    for kind in own.values():
        public = getattr(kind, "public_url", None)
        if public is not None and not _is_public(urlsplit(public)):
            prefix = kind.model_config["env_prefix"]
            yield f"{prefix}PUBLIC_URL: where customers reach us, beginning with https://; it stands in messages"
        line = type(kind).model_fields.get("line")
        if line is not None and kind.line in ("", line.default):
            yield "CRM_COMPLAINTS_LINE: the number of the complaint line; it stands in messages"


def _reaches_nobody(delivery: DeliverySettings) -> Iterator[str]:
    for channel in CHANNELS:
        if getattr(delivery, channel) in ("file", "console"):
            yield (
                f"CRM_DELIVERY_{channel.upper()}: {getattr(delivery, channel)} reaches nobody; "
                "choose a provider, or off when nobody is to be reached so"
            )
    if delivery.sms == "gateway" and not delivery.sms_url:
        yield "CRM_DELIVERY_SMS_URL: the address of the SMS gateway"
    if delivery.email == "smtp" and delivery.smtp_host in ("", "127.0.0.1"):
        yield "CRM_DELIVERY_SMTP_HOST: the mail server"
    if delivery.email == "smtp" and (not delivery.smtp_sender or delivery.smtp_sender.endswith("localdomain")):
        yield "CRM_DELIVERY_SMTP_SENDER: as whom the company writes"


def _is_public(url: SplitResult) -> bool:
    host = url.hostname or "localhost"
    try:
        return url.scheme == "https" and ip_address(host).is_global
    except ValueError:
        return url.scheme == "https" and host != "localhost" and not host.endswith(".localhost")


def _refusal(mistakes: list[str]) -> NotConfigured:
    return NotConfigured("the environment cannot be right:\n" + "\n".join(f"  {mistake}" for mistake in mistakes))
