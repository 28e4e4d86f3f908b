"""What a client may send before an application sees anything of it, by raw sockets against a server as ours run it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

import deploy.bounded_protocol as bounds
from deploy.serving import bound, listening

GET = b"GET /things HTTP/1.1\r\nHost: x\r\n"
PATIENCE = 5.0
"""Seconds for what the server does at once."""


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with how many bytes of a body came."""
    taken, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        taken += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"%d\n" % taken
    await _answer(send, 200, body)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers before it has read anything."""
    await _answer(send, 413, b"too large\n")


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


class Client:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def says(self, *parts: bytes) -> str:
        """Sends the parts one after the other; the first line of the answer, empty when the server breaks off."""
        for part in parts:
            self.writer.write(part)
            await asyncio.sleep(0.01)
        return await self.hears()

    async def hears(self, patience: float = PATIENCE) -> str:
        try:
            async with asyncio.timeout(patience):
                return (await self._reader.readline()).decode().strip()
        except ConnectionError:
            return ""

    async def until_it_is_closed(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            await self._reader.read()
            return self._reader.at_eof()


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """A connection to a server whose times are short."""
    for name, seconds in (("HEAD_SECONDS", 0.6), ("BODY_SECONDS", 0.6), ("LOOK_EVERY", 0.05)):
        monkeypatch.setattr(bounds, name, seconds)
    with bound("127.0.0.1", 0) as held:
        async with listening(_echo, held):
            reader, writer = await asyncio.open_connection(*held.getsockname())
            yield Client(reader, writer)
            writer.close()


async def test_a_head_that_is_too_large_is_refused_while_it_comes(client: Client) -> None:
    endless = [b"a" * 10_000] * 10

    assert await client.says(GET + b"X-Long: ", *endless) == "HTTP/1.1 431 Request Header Fields Too Large"
    assert await client.until_it_is_closed()


async def test_a_head_with_too_many_headers_is_refused(client: Client) -> None:
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(bounds.MOST_HEADERS + 1))

    assert (await client.says(GET + many + b"\r\n")).startswith("HTTP/1.1 431")


@pytest.mark.parametrize("cut", [1, 2, 3, 40])
async def test_a_large_body_behind_a_head_is_no_large_head(client: Client, cut: int) -> None:
    """Wherever the end of the head is cut in two, also when most of the body comes with it."""
    body = b"b" * 100_000
    head = b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)

    assert await client.says(head[:-cut], head[-cut:] + body) == "HTTP/1.1 200 OK"


async def test_a_head_just_within_the_bound_is_taken(client: Client) -> None:
    filling = bounds.LARGEST_HEAD - len(GET) - len(b"X: \r\n\r\n")

    assert await client.says(GET + b"X: " + b"a" * filling + b"\r\n\r\n") == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("sent", [b"", b"GET /thi", GET], ids=["nothing", "half a line", "half a head"])
async def test_a_head_that_does_not_come_is_not_waited_for(client: Client, sent: bytes) -> None:
    assert await client.says(sent) == ""


async def test_a_head_that_drips_is_not_waited_for(client: Client) -> None:
    heard = asyncio.create_task(client.hears())
    for _ in range(200):
        if heard.done():
            break
        client.writer.write(b"G" if client.writer.transport.is_closing() else b"X-Drip: 1\r\n")
        await asyncio.sleep(0.05)

    assert await heard in {"", "HTTP/1.1 400 Bad Request"}


async def test_a_body_that_does_not_come_is_not_waited_for(client: Client) -> None:
    head = b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"

    assert await client.says(head) == ""


@pytest.mark.parametrize("kept", [b"close", b"keep-alive"])
async def test_who_sends_everything_first_reads_why_it_was_refused(kept: bytes) -> None:
    """Closed with the rest unread, the connection would be reset under the client."""
    head = b"POST /things HTTP/1.1\r\nHost: x\r\nConnection: " + kept + b"\r\nContent-Length: 20000000\r\n\r\n"
    with bound("127.0.0.1", 0) as held:
        async with listening(_refuse, held):
            reader, writer = await asyncio.open_connection(*held.getsockname())
            writer.write(head)
            for _ in range(20):
                writer.write(b"x" * 1_000_000)
                async with asyncio.timeout(PATIENCE):
                    await writer.drain()
            client = Client(reader, writer)
            assert await client.hears() == "HTTP/1.1 413 Request Entity Too Large"
            writer.write_eof()
            assert await client.until_it_is_closed()
            writer.close()


async def test_who_is_refused_and_sends_on_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SENDING_SECONDS", 0.3)
    monkeypatch.setattr(bounds, "LOOK_EVERY", 0.05)
    head = b"POST /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 20000000\r\n\r\n"
    with bound("127.0.0.1", 0) as held:
        async with listening(_refuse, held):
            _, writer = await asyncio.open_connection(*held.getsockname())
            writer.write(head)
            with pytest.raises(ConnectionError):
                await _drip(writer)
            writer.close()


async def _drip(writer: asyncio.StreamWriter) -> None:
    for _ in range(100):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_a_connection_that_is_kept_may_rest_and_ask_again_but_not_by_half(client: Client) -> None:
    assert await client.says(GET + b"\r\n") == "HTTP/1.1 200 OK"
    while await client.hears() != "0":
        pass
    await asyncio.sleep(1)
    assert await client.says(GET + b"\r\n") == "HTTP/1.1 200 OK"
    while await client.hears() != "0":
        pass

    assert await client.says(b"GET /thi") == ""
