"""Messages over HTTP: an SMS gateway of the operator's choice, and webhooks of staff, such as group robots."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import httpx

from shared.clock import real_time
from shared.delivery import robots
from shared.delivery.addresses import Target, checked
from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.delivery.settings import DeliverySettings
from shared.robots import GroupRobot, kind_at

_PASSING = {408, 425, 429}


@cache
def _trust() -> ssl.SSLContext:
    """Reading the certificates takes long; once per process is enough."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes

    def check(self) -> None:
        """Raises TransientFailure or PermanentFailure by the status."""
        if 200 <= self.status < 300:
            return
        reason = f"http-{self.status}"
        passes = self.status >= 500 or self.status in _PASSING
        raise TransientFailure(reason) if passes else PermanentFailure(reason)


async def _post(
    url: str,
    body: Mapping[str, object],
    headers: Mapping[str, str],
    seconds: float,
    *,
    most: int = 0,
    **extensions: Any,
) -> _Answer:
    """Posts without following redirects or asking proxies; of the answer's body some `most` bytes are read."""
    read = b""
    try:
        async with (
            httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False, timeout=seconds) as client,
            client.stream("POST", url, json=dict(body), headers=dict(headers), extensions=extensions) as answer,
        ):
            async for part in answer.aiter_bytes():
                read += part[: most - len(read)]
                if len(read) >= most:
                    break
    except httpx.TransportError as fault:
        raise TransientFailure(f"http-{type(fault).__name__}") from None
    except (httpx.InvalidURL, ValueError):
        raise PermanentFailure("url-not-allowed") from None
    return _Answer(answer.status_code, read)


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
        (await _post(self._settings.sms_url, body, headers, self._settings.seconds)).check()
        return Receipt(self.name, message.key)


class WebhookProvider:
    """POSTs to the address that a staff member named: to group robots as theirs read it, else `key`, `msgtype` and
    `text.content`. Robots know no keys: when an answer is lost, the message may come a second time."""

    name = "webhook"

    def __init__(self, settings: DeliverySettings, now: Callable[[], datetime] = real_time) -> None:
        """`now` is real time, by which robots judge signatures, also in rehearsals."""
        self._settings = settings
        self._now = now

    async def send(self, message: Outgoing) -> Receipt:
        target = await checked(message.address, private=self._settings.private_addresses)
        text = f"{message.subject}\n{message.body}"
        kind = kind_at(message.address)
        robot = message.robot or (GroupRobot(kind) if kind else None)
        if robot is None:
            body = {"key": message.key, "msgtype": "text", "text": {"content": text}}
            (await self._posted(target, robots.Post(target.url, body), message.key)).check()
            return Receipt(self.name, message.key)
        answer = await self._posted(target, robots.post(robot, target.url, text, self._now()), message.key)
        said = robots.read(answer.body)
        if said is None or answer.status >= 500:
            answer.check()
            raise TransientFailure(f"{robot.kind}-unreadable")
        robots.judge(robot.kind, said)
        return Receipt(robot.kind, message.key)

    async def _posted(self, target: Target, post: robots.Post, key: str) -> _Answer:
        return await _post(
            post.url,
            post.body,
            {"Host": target.host, "Idempotency-Key": key},
            self._settings.seconds,
            most=robots.LARGEST_ANSWER,
            sni_hostname=target.name,
        )
