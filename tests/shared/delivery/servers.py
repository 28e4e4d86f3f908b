"""Real servers on loopback that providers talk to: for SMTP, for HTTP, and group robots that behave as theirs do."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from shared.clock import real_time
from shared.contracts.customers import Robot


@dataclass
class MailServer:
    """Takes mail by SMTP; recipients in `answers` are answered as told."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                writer.write(self.answers.get(address, "250 ok").encode() + b"\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    headers: dict[str, str]
    body: dict[str, object]
    target: str = ""


@dataclass
class WebServer:
    """Takes POSTs and answers with `status`."""

    port: int = 0
    status: int = 200
    location: str = ""
    received: list[Received] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.received.append(Received(headers, body, head[0].split(" ")[1]))
        extra = f"Location: {self.location}\r\n" if self.location else ""
        said = self.answer(self.received[-1])
        length = f"Content-Length: {len(said)}\r\nConnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {self.status} x\r\n{extra}{length}".encode() + said)
        await writer.drain()
        writer.close()

    def answer(self, received: Received) -> bytes:
        """The body of the answer."""
        return b""


@dataclass
class RobotServer(WebServer):
    """A group robot: knows its address, checks signature and timestamp, takes so many messages a minute, and answers
    200 with a code whatever it finds."""

    kind: Robot = "wecom"
    secret: str | None = None
    token: str = "t0ken"
    a_minute: int = 20
    taken: list[str] = field(default_factory=list)
    says: bytes | None = None
    """What it answers to everything, where it is told to."""

    @property
    def address(self) -> str:
        paths = {
            "wecom": f"/cgi-bin/webhook/send?key={self.token}",
            "dingtalk": f"/robot/send?access_token={self.token}",
            "feishu": f"/open-apis/bot/v2/hook/{self.token}",
        }
        return f"http://127.0.0.1:{self.port}{paths[self.kind]}"

    def answer(self, received: Received) -> bytes:
        if self.says is not None:
            return self.says
        answers = {"wecom": self._wecom, "dingtalk": self._dingtalk, "feishu": self._feishu}
        return json.dumps(answers[self.kind](received)).encode()

    def _wecom(self, received: Received) -> dict[str, object]:
        asked = urlsplit(received.target)
        if (asked.path, parse_qs(asked.query)) != ("/cgi-bin/webhook/send", {"key": [self.token]}):
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1600]"}
        if received.body.get("msgtype") != "text":
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if len(self.taken) >= self.a_minute:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        return self._take(received.body["text"], "content", {"errcode": 0, "errmsg": "ok"})

    def _dingtalk(self, received: Received) -> dict[str, object]:
        asked = urlsplit(received.target)
        query = {name: values[0] for name, values in parse_qs(asked.query, strict_parsing=True).items()}
        if (asked.path, query.get("access_token")) != ("/robot/send", self.token):
            return {"errcode": 300005, "errmsg": "token is not exist"}
        if self.secret is not None:
            timestamp = query.get("timestamp", "0")
            if not self._recent(int(timestamp) / 1000):
                return {"errcode": 310000, "errmsg": "invalid timestamp"}
            mac = hmac.new(self.secret.encode(), f"{timestamp}\n{self.secret}".encode(), hashlib.sha256)
            if query.get("sign") != base64.b64encode(mac.digest()).decode():
                return {"errcode": 310000, "errmsg": "sign not match"}
        if received.body.get("msgtype") != "text":
            return {"errcode": 400105, "errmsg": "unsupported msgtype"}
        if len(self.taken) >= self.a_minute:
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        return self._take(received.body["text"], "content", {"errcode": 0, "errmsg": "ok"})

    def _feishu(self, received: Received) -> dict[str, object]:
        if received.target != f"/open-apis/bot/v2/hook/{self.token}":
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
        if self.secret is not None:
            timestamp = str(received.body.get("timestamp", "0"))
            mac = hmac.new(f"{timestamp}\n{self.secret}".encode(), digestmod=hashlib.sha256)
            sign = base64.b64encode(mac.digest()).decode()
            if not self._recent(int(timestamp)) or received.body.get("sign") != sign:
                return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if received.body.get("msg_type") != "text":
            return {"code": 9499, "msg": "Bad Request", "data": {}}
        if len(self.taken) >= self.a_minute:
            return {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]", "data": {}}
        taken = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
        return self._take(received.body["content"], "text", taken)

    def _take(self, text: object, name: str, answer: dict[str, object]) -> dict[str, object]:
        assert isinstance(text, dict)
        self.taken.append(text[name])
        return answer

    @staticmethod
    def _recent(seconds: float) -> bool:
        return abs(real_time().timestamp() - seconds) < 3600


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _listening(talk: Talk) -> AsyncIterator[int]:
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    async with _listening(server.talk) as port:
        server.port = port
        yield server


@asynccontextmanager
async def web_server(status: int = 200) -> AsyncIterator[WebServer]:
    server = WebServer(status=status)
    async with _listening(server.talk) as port:
        server.port = port
        yield server


@asynccontextmanager
async def robot_server(kind: Robot, secret: str | None = None) -> AsyncIterator[RobotServer]:
    server = RobotServer(kind=kind, secret=secret)
    async with _listening(server.talk) as port:
        server.port = port
        yield server
