"""Group robots: messages against servers that behave as theirs do, and what their codes mean."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from shared.clock import real_time
from shared.contracts.customers import Robot
from shared.delivery import robots
from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.delivery.settings import DeliverySettings
from shared.delivery.web import WebhookProvider
from shared.robots import GroupRobot, kind_at
from tests.shared.delivery.servers import robot_server
from tests.support import START

KINDS: list[tuple[Robot, str | None]] = [
    ("wecom", None),
    ("dingtalk", None),
    ("dingtalk", "SEC5e2f9c"),
    ("feishu", None),
    ("feishu", "feishu-secret"),
]
SIGNED: list[Robot] = ["dingtalk", "feishu"]
NOTICE = Outgoing(
    key="0190-abc",
    channel="webhook",
    address="",
    subject="投诉 C20261104-000001 超时未答复",
    body="李娜，请立即处理。",
    language="zh-CN",
    at=START,
)
TEXT = f"{NOTICE.subject}\n{NOTICE.body}"


def webhook(now: Callable[[], datetime] = real_time) -> WebhookProvider:
    return WebhookProvider(DeliverySettings(private_addresses=True, seconds=5), now)


def notice(address: str, kind: Robot, secret: str | None = None) -> Outgoing:
    return replace(NOTICE, address=address, robot=GroupRobot(kind, secret))


@pytest.mark.parametrize("kind, secret", KINDS)
async def test_a_robot_takes_the_text(kind: Robot, secret: str | None) -> None:
    async with robot_server(kind, secret) as server:
        receipt = await webhook().send(notice(server.address, kind, secret))

    assert receipt == Receipt(kind, NOTICE.key)
    assert server.taken == [TEXT]


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("secret", [None, "another"])
async def test_a_signature_that_does_not_match_is_final(kind: Robot, secret: str | None) -> None:
    async with robot_server(kind, "right") as server:
        with pytest.raises(PermanentFailure, match={"dingtalk": "dingtalk-310000", "feishu": "feishu-19021"}[kind]):
            await webhook().send(notice(server.address, kind, secret))

    assert server.taken == []


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("off", [timedelta(hours=-2), timedelta(hours=2)])
async def test_signatures_are_of_real_time(kind: Robot, off: timedelta) -> None:
    """A rehearsal runs ahead of the robots' clocks: a stamp of business time would be refused."""
    async with robot_server(kind, "right") as server:
        signed = notice(server.address, kind, "right")
        await webhook().send(replace(signed, at=START + timedelta(days=400)))
        with pytest.raises(PermanentFailure):
            await webhook(lambda: real_time() + off).send(signed)

    assert len(server.taken) == 1


@pytest.mark.parametrize("kind, code", [("wecom", 45009), ("dingtalk", 130101), ("feishu", 11232)])
async def test_too_many_messages_pass(kind: Robot, code: int) -> None:
    async with robot_server(kind) as server:
        server.a_minute = 1
        await webhook().send(notice(server.address, kind))
        with pytest.raises(TransientFailure, match=f"{kind}-{code}"):
            await webhook().send(notice(server.address, kind))
        server.a_minute = 2
        await webhook().send(notice(server.address, kind))

    assert len(server.taken) == 2


@pytest.mark.parametrize("kind, code", [("wecom", 93000), ("dingtalk", 300005), ("feishu", 19001)])
async def test_an_address_of_nobody_is_final(kind: Robot, code: int) -> None:
    async with robot_server(kind) as server:
        address = server.address
        server.token = "removed"
        with pytest.raises(PermanentFailure, match=f"{kind}-{code}"):
            await webhook().send(notice(address, kind))


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
@pytest.mark.parametrize(
    "status, says, fault, reason",
    [
        (200, b"", TransientFailure, "unreadable"),
        (200, b"<html>", TransientFailure, "unreadable"),
        (200, b"[0]", TransientFailure, "unreadable"),
        (200, b'{"errcode": "0", "code": true}', TransientFailure, "unreadable"),
        (200, b'{"errcode": 0, "padding": "' + b"x" * 20_000 + b'"}', TransientFailure, "unreadable"),
        (200, b'{"errcode": 987654, "code": 987654}', TransientFailure, "-987654"),
        (200, b'{"errcode": -1, "code": -1}', TransientFailure, "--1"),
        (302, b"", PermanentFailure, "http-302"),
        (404, b"", PermanentFailure, "http-404"),
        (429, b"", TransientFailure, "http-429"),
        (502, b'{"errcode": 0}', TransientFailure, "http-502"),
    ],
)
async def test_what_cannot_be_read_is_tried_again(
    kind: Robot, status: int, says: bytes, fault: type[Exception], reason: str
) -> None:
    async with robot_server(kind) as server:
        server.status, server.says = status, says
        with pytest.raises(fault, match=reason):
            await webhook().send(notice(server.address, kind))


@pytest.mark.parametrize(
    "kind, code, words, fault",
    [
        ("wecom", 45033, "concurrency", TransientFailure),
        ("wecom", 45002, "content size out of limit", PermanentFailure),
        ("dingtalk", 310000, "keywords not in content", PermanentFailure),
        ("dingtalk", 400102, "robot disabled", PermanentFailure),
        ("dingtalk", 410100, "send too fast", TransientFailure),
        ("feishu", 9499, "Bad Request", PermanentFailure),
        ("feishu", 9499, "Too many request", TransientFailure),
        ("feishu", 19024, "Key Words Not Found", PermanentFailure),
    ],
)
def test_codes_say_whether_to_try_again(kind: Robot, code: int, words: str, fault: type[Exception]) -> None:
    name, said = ("code", "msg") if kind == "feishu" else ("errcode", "errmsg")
    read = robots.read(orjson.dumps({name: code, said: words}))
    assert read is not None
    with pytest.raises(fault, match=f"{kind}-{code}"):
        robots.judge(kind, read)


def test_signatures_are_those_of_openssl() -> None:
    """`printf … | openssl dgst -sha256 -hmac … -binary | base64`, by the words of the published formats."""
    at = datetime(2020, 9, 6, 6, 34, 33, tzinfo=UTC)
    assert at.timestamp() == 1_599_374_073

    signed = robots.post(GroupRobot("dingtalk", "SEC5e2f9c"), "https://robot.example/send?token=x", "", at)
    sign = "dmOoUCiYYDrvKItgUr%2B3dSiuS5KgKx1tGJ52PXEU2H8%3D"
    assert signed.url == f"https://robot.example/send?token=x&timestamp=1599374073000&sign={sign}"
    signed = robots.post(GroupRobot("feishu", "feishu-secret"), "https://robot.example/hook/x", "", at)
    assert signed.body["timestamp"] == "1599374073"
    assert signed.body["sign"] == "8X5l48b2DEamRGYAcYcOhI5J8cWNuK/p5hcTxvLemAQ="


@pytest.mark.parametrize("code, fault", [(9499, PermanentFailure), (11232, TransientFailure)])
async def test_the_code_counts_whatever_the_status(code: int, fault: type[Exception]) -> None:
    async with robot_server("feishu") as server:
        server.status, server.says = 400, orjson.dumps({"code": code, "msg": "Bad Request"})
        with pytest.raises(fault, match=f"feishu-{code}"):
            await webhook().send(notice(server.address, "feishu"))


@pytest.mark.parametrize(
    "host, kind",
    [
        ("qyapi.weixin.qq.com", "wecom"),
        ("OAPI.dingtalk.com", "dingtalk"),
        ("open.feishu.cn", "feishu"),
        ("open.larksuite.com", "feishu"),
        ("open.feishu.cn.evil.example", None),
        ("[", None),
    ],
)
def test_a_host_tells_whose_robot_it_is(host: str, kind: Robot | None) -> None:
    assert kind_at(f"https://{host}/hook?key=1") == kind


def test_a_secret_is_not_printed() -> None:
    assert "5ecret" not in repr(notice("https://oapi.dingtalk.com/robot/send?access_token=x", "dingtalk", "5ecret"))
