"""Group robots of Enterprise WeChat (企业微信), DingTalk (钉钉) and Feishu (飞书): what they read, how they want it
signed, and what their answers mean.

By their published formats. All three answer 200 whatever has happened; the code in the body says it. A code that passes
is tried again, and so is one that nobody knows: attempts are counted. What will never be taken is not tried again.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

import orjson

from shared.contracts.customers import Robot
from shared.delivery.port import PermanentFailure, TransientFailure
from shared.robots import GroupRobot

LARGEST_ANSWER: Final = 16_384

_FINAL: Final[Mapping[Robot, frozenset[int]]] = {
    "wecom": frozenset({40001, 40008, 40033, 40035, 40058, 44004, 45002, 93000, 93004, 93006, 93008, 93017}),
    "dingtalk": frozenset(
        {40035, 43004, 300001, 300005, 310000, 400013, 400101, 400102, 400105, 400106, 430101, 430102, 430103, 430104}
    ),
    "feishu": frozenset({9499, 19001, 19002, 19005, 19007, 19021, 19022, 19024}),
}
"""An address of nobody, a signature that does not match, a word that is missing, a content that is refused. All others
pass: too many messages (45009, 45033; 130101, 410100; 11232), a system that is busy (-1)."""
_TOO_MANY = "too many"
"""Feishu says 9499 of a bad request, and of too many."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted to a robot, and where."""

    url: str
    body: Mapping[str, object]


def post(robot: GroupRobot, url: str, text: str, at: datetime) -> Post:
    """A text to a robot. `at` is real time: the robots take a signature for an hour."""
    match robot.kind:
        case "wecom":
            return Post(url, {"msgtype": "text", "text": {"content": text}})
        case "dingtalk":
            return Post(_signed_url(url, robot.secret, at), {"msgtype": "text", "text": {"content": text}})
        case "feishu":
            return Post(url, {**_signed_fields(robot.secret, at), "msg_type": "text", "content": {"text": text}})


def _signed_url(url: str, secret: str | None, at: datetime) -> str:
    """DingTalk: HMAC-SHA256 of timestamp (milliseconds), line feed and secret, under the secret."""
    if secret is None:
        return url
    timestamp = str(int(at.timestamp() * 1_000))
    sign = _mac(key=secret, text=f"{timestamp}\n{secret}")
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({"timestamp": timestamp, "sign": sign}))))
    return parts._replace(query=query).geturl()


def _signed_fields(secret: str | None, at: datetime) -> dict[str, str]:
    """Feishu: HMAC-SHA256 of nothing, under timestamp (seconds), line feed and secret."""
    if secret is None:
        return {}
    timestamp = str(int(at.timestamp()))
    return {"timestamp": timestamp, "sign": _mac(key=f"{timestamp}\n{secret}", text="")}


def _mac(*, key: str, text: str) -> str:
    return b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


@dataclass(frozen=True, slots=True)
class Said:
    """The code of an answer, 0 when the message was taken, and its words."""

    code: int
    words: str


def read(body: bytes) -> Said | None:
    """What a robot has answered; Feishu names the fields otherwise. None when it cannot be read."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(answer, dict):
        return None
    code = answer.get("errcode", answer.get("code", answer.get("StatusCode")))
    return Said(code, str(answer.get("errmsg", answer.get("msg", "")))) if type(code) is int else None


def judge(kind: Robot, said: Said) -> None:
    """Raises TransientFailure or PermanentFailure with the robot's code as the reason, unless the message was taken."""
    if said.code == 0:
        return
    reason = f"{kind}-{said.code}"
    if said.code in _FINAL[kind] and _TOO_MANY not in said.words.lower():
        raise PermanentFailure(reason)
    raise TransientFailure(reason)
