"""Every provider against a real counterpart: a folder, an SMTP server, an HTTP server."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.delivery.console import ConsoleProvider
from shared.delivery.folder import FolderProvider
from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.delivery.registry import providers
from shared.delivery.settings import DeliverySettings
from shared.delivery.smtp import SmtpProvider
from shared.delivery.web import SmsGateway, WebhookProvider
from shared.masking import masked
from shared.settings import Settings
from tests.shared.delivery.servers import mail_server, web_server
from tests.support import START


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


MESSAGE = Outgoing(
    key="0190-abc",
    channel="email",
    address="li@example.com",
    subject="您好",
    body="恭喜您成为 A 级客户。",
    language="zh-CN",
    at=START,
)


async def test_a_file_is_whole_private_and_named_by_its_key(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"

    receipt = await FolderProvider(folder).send(MESSAGE)

    assert receipt == Receipt("file", "0190-abc.json")
    (file,) = files(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert json.loads(file.read_text())["to"] == "li@example.com"


async def test_the_same_key_stays_one_file(tmp_path: Path) -> None:
    provider = FolderProvider(tmp_path)
    await provider.send(MESSAGE)

    await provider.send(replace(MESSAGE, body="again"))

    (file,) = files(tmp_path)
    assert json.loads(file.read_text())["body"] == MESSAGE.body


@pytest.mark.parametrize("key", ["../escape", "", ".hidden", "a/b", "k" * 121])
async def test_a_key_that_is_no_file_name_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(PermanentFailure, match="key-not-allowed"):
        await FolderProvider(tmp_path).send(replace(MESSAGE, key=key))


async def test_a_disk_that_takes_nothing_passes(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")

    with pytest.raises(TransientFailure):
        await FolderProvider(tmp_path / "outbox").send(MESSAGE)


async def test_the_console_shows_the_message_once_and_masks_the_address() -> None:
    shown: list[str] = []
    console = ConsoleProvider(shown.append)

    await console.send(MESSAGE)
    await console.send(MESSAGE)

    assert len(shown) == 1
    assert "l***@example.com" in shown[0]


@pytest.mark.parametrize(
    "address, shown",
    [
        ("li@example.com", "l***@example.com"),
        ("+8613800138000", "+86*******8000"),
        ("12345", "*****"),
        ("https://robot.example.com/hook?key=secret", "https://robot.example.com/***"),
    ],
)
def test_a_masked_address_can_be_recognised_but_not_used(address: str, shown: str) -> None:
    assert masked(address) == shown


def smtp(port: int) -> SmtpProvider:
    return SmtpProvider(DeliverySettings(smtp_port=port, smtp_sender="care@crm.example", seconds=5))


async def test_mail_carries_its_key_and_the_way_out() -> None:
    async with mail_server() as server:
        await smtp(server.port).send(replace(MESSAGE, unsubscribe_url="https://crm.example/u/1"))

    (mail,) = server.mails
    assert "Message-ID: <0190-abc@crm.example>" in mail
    assert "List-Unsubscribe: <https://crm.example/u/1>" in mail


@pytest.mark.parametrize("answer, fault", [("550 no such user", PermanentFailure), ("451 try later", TransientFailure)])
async def test_a_refused_recipient_is_final_by_its_code(answer: str, fault: type[Exception]) -> None:
    async with mail_server() as server:
        server.answers["li@example.com"] = answer
        with pytest.raises(fault):
            await smtp(server.port).send(MESSAGE)


async def test_a_mail_server_that_is_away_passes() -> None:
    async with mail_server() as server:
        port = server.port
    with pytest.raises(TransientFailure):
        await smtp(port).send(MESSAGE)


async def test_a_header_cannot_be_smuggled_in() -> None:
    with pytest.raises(PermanentFailure, match="header-not-allowed"):
        await smtp(1).send(replace(MESSAGE, subject="a\r\nBcc: all@example.com"))


def gateway(port: int) -> SmsGateway:
    return SmsGateway(DeliverySettings(sms_url=f"http://127.0.0.1:{port}/sms", sms_token=SecretStr("t"), seconds=5))


async def test_a_text_message_goes_to_the_gateway_with_its_key() -> None:
    async with web_server() as server:
        await gateway(server.port).send(replace(MESSAGE, channel="sms", address="+8613800138000"))

    (request,) = server.received
    assert request.headers["idempotency-key"] == "0190-abc"
    assert request.headers["authorization"] == "Bearer t"
    assert request.body == {"key": "0190-abc", "to": "+8613800138000", "text": MESSAGE.body}


@pytest.mark.parametrize(
    "status, fault",
    [(400, PermanentFailure), (302, PermanentFailure), (429, TransientFailure), (503, TransientFailure)],
)
async def test_a_gateways_answer_says_whether_to_try_again(status: int, fault: type[Exception]) -> None:
    async with web_server(status) as server:
        with pytest.raises(fault, match=f"http-{status}"):
            await gateway(server.port).send(MESSAGE)


def webhook(*, private: bool) -> WebhookProvider:
    return WebhookProvider(DeliverySettings(private_addresses=private, seconds=5))


async def test_a_robot_gets_the_text_at_the_checked_address_under_its_own_name() -> None:
    async with web_server() as server:
        robot = replace(MESSAGE, channel="webhook", address=f"http://localhost:{server.port}/hook?key=1")
        await webhook(private=True).send(robot)

    (request,) = server.received
    assert request.headers["host"] == f"localhost:{server.port}"
    assert request.body["text"] == {"content": f"{MESSAGE.subject}\n{MESSAGE.body}"}


async def test_a_webhook_into_the_house_is_refused_unless_allowed() -> None:
    async with web_server() as server:
        inside = replace(MESSAGE, channel="webhook", address=f"http://127.0.0.1:{server.port}/hook")
        with pytest.raises(PermanentFailure, match="address-not-allowed"):
            await webhook(private=False).send(inside)

    assert server.received == []


async def test_a_redirect_into_the_house_is_not_followed() -> None:
    async with web_server() as inner, web_server(307) as outer:
        outer.location = f"http://127.0.0.1:{inner.port}/"
        robot = replace(MESSAGE, channel="webhook", address=f"http://127.0.0.1:{outer.port}/")
        with pytest.raises(PermanentFailure, match="http-307"):
            await webhook(private=True).send(robot)

    assert inner.received == []


async def test_every_channel_is_written_into_the_outbox_unless_chosen_otherwise(tmp_path: Path) -> None:
    chosen = providers(Settings(outbox_directory=tmp_path), DeliverySettings())
    for channel in ("email", "sms", "webhook"):
        await chosen.send(replace(MESSAGE, key=channel, channel=channel))

    assert [file.name for file in files(tmp_path)] == ["email.json", "sms.json", "webhook.json"]


def test_a_choice_that_cannot_work_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="CRM_DELIVERY_SMS_URL"):
        providers(Settings(), DeliverySettings(sms="gateway"))


async def test_a_channel_that_is_off_sends_nothing_and_says_so(tmp_path: Path) -> None:
    chosen = providers(Settings(outbox_directory=tmp_path), DeliverySettings(sms="off"))

    with pytest.raises(PermanentFailure, match="channel-off"):
        await chosen.send(replace(MESSAGE, channel="sms"))
    assert list(files(tmp_path)) == []
