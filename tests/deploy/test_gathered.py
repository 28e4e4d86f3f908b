"""What is written of an answer leaves in as few pieces as may be, whole and in order."""

import asyncio

import pytest

from deploy.gathered import LARGE, Gathered


class Written(asyncio.Transport):
    """A transport that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:  # type: ignore[override]  # uvicorn writes nothing else
        assert not self.closed
        self.pieces.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@pytest.fixture
def written() -> Written:
    return Written()


async def test_head_and_body_leave_together(written: Written) -> None:
    transport = Gathered(written, asyncio.get_running_loop())
    transport.write(b"head")
    transport.write(b"body")
    assert written.pieces == [b"headbody"]

    await asyncio.sleep(0)
    transport.write(b"next head")
    transport.write(b"next body")
    assert written.pieces == [b"headbody", b"next headnext body"]


async def test_what_stands_alone_leaves_as_soon_as_the_loop_turns(written: Written) -> None:
    transport = Gathered(written, asyncio.get_running_loop())
    transport.write(b"the head of a stream")
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert written.pieces == [b"the head of a stream"]


async def test_what_is_large_is_not_copied_and_comes_after_its_head(written: Written) -> None:
    transport, body = Gathered(written, asyncio.get_running_loop()), b"x" * (LARGE + 1)
    transport.write(b"head")
    transport.write(body)

    assert written.pieces == [b"head", body]
    assert written.pieces[1] is body


async def test_views_of_bytes_leave_together_as_well(written: Written) -> None:
    transport = Gathered(written, asyncio.get_running_loop())
    transport.write(memoryview(b"part"))  # type: ignore[arg-type]  # as streams of files give them
    transport.write(memoryview(b"ner"))  # type: ignore[arg-type]  # likewise

    assert written.pieces == [b"partner"]


async def test_closing_loses_nothing(written: Written) -> None:
    transport = Gathered(written, asyncio.get_running_loop())
    transport.write(b"the last words")
    transport.close()
    await asyncio.sleep(0)

    assert (written.pieces, written.closed) == ([b"the last words"], True)


async def test_to_a_client_that_has_gone_nothing_is_written(written: Written) -> None:
    transport = Gathered(written, asyncio.get_running_loop())
    transport.write(b"the head of a stream")
    written.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert written.pieces == []
