"""Messages over HTTP: an SMS gateway of the operator's choice, and webhooks of staff chat robots."""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from shared.delivery.addresses import checked
from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.delivery.settings import DeliverySettings

_PASSING = {408, 425, 429}


@cache
def _trust() -> ssl.SSLContext:
    """Reading the certificates takes long; once per process is enough."""
    return ssl.create_default_context()


async def _post(
    url: str, body: Mapping[str, object], headers: Mapping[str, str], seconds: float, **extensions: Any
) -> None:
    """Posts without following redirects or asking proxies; the answer's body is not read."""
    try:
        async with (
            httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False, timeout=seconds) as client,
            client.stream("POST", url, json=dict(body), headers=dict(headers), extensions=extensions) as answer,
        ):
            status = answer.status_code
    except httpx.TransportError as fault:
        raise TransientFailure(f"http-{type(fault).__name__}") from None
    except (httpx.InvalidURL, ValueError):
        raise PermanentFailure("url-not-allowed") from None
    if 200 <= status < 300:
        return
    reason = f"http-{status}"
    raise TransientFailure(reason) if status >= 500 or status in _PASSING else PermanentFailure(reason)


class SmsGateway:
    """POSTs `{"key", "to", "text"}` with the key as Idempotency-Key; any 2xx means taken."""

    name = "sms-gateway"

    def __init__(self, settings: DeliverySettings) -> None:
        """Raises ValueError without a gateway's URL."""
        if not settings.sms_url:
            raise ValueError("CRM_DELIVERY_SMS_URL names the gateway when CRM_DELIVERY_SMS is gateway")
        self._settings = settings

    async def send(self, message: Outgoing) -> Receipt:
        headers = {"Idempotency-Key": message.key}
        if token := self._settings.sms_token.get_secret_value():
            headers["Authorization"] = f"Bearer {token}"
        body = {"key": message.key, "to": message.address, "text": message.body}
        await _post(self._settings.sms_url, body, headers, self._settings.seconds)
        return Receipt(self.name, message.key)


class WebhookProvider:
    """POSTs to the address that a staff member named; chat robots read `msgtype` and `text.content`."""

    name = "webhook"

    def __init__(self, settings: DeliverySettings) -> None:
        self._settings = settings

    async def send(self, message: Outgoing) -> Receipt:
        target = await checked(message.address, private=self._settings.private_addresses)
        text = f"{message.subject}\n{message.body}"
        body = {"key": message.key, "msgtype": "text", "text": {"content": text}}
        headers = {"Host": target.host, "Idempotency-Key": message.key}
        await _post(target.url, body, headers, self._settings.seconds, sni_hostname=target.name)
        return Receipt(self.name, message.key)
