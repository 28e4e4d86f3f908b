"""A content as it lies in the storage: sealed piece by piece, so that memory does not grow with the file.

Each piece is bound to its file, to its place, and to whether it is the last one: none can be exchanged, left out or
cut off without being noticed. Before each stand four bytes with its length.
"""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from shared.personal import Vault

_LENGTH: Final = 4


class NotWhole(Exception):
    """The content ends before its last piece."""


async def sealed(vault: Vault, file_id: UUID, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, each not empty, as they are stored."""
    number, held = 0, b""
    async for piece in pieces:
        if number:
            yield _framed(vault, file_id, number, held, last=False)
        number, held = number + 1, piece
    yield _framed(vault, file_id, number, held, last=True)


def _framed(vault: Vault, file_id: UUID, number: int, piece: bytes, *, last: bool) -> bytes:
    content = vault.seal(piece, _identity(file_id, number, last=last))
    return (len(content) << 1 | last).to_bytes(_LENGTH) + content


async def opened(vault: Vault, file_id: UUID, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The content of what was stored. Raises NotWhole, and InvalidTag for what is not what was stored."""
    number, held = 1, bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= _LENGTH:
            length, last = divmod(int.from_bytes(held[:_LENGTH]), 2)
            if len(held) < _LENGTH + length:
                break
            yield vault.open(bytes(held[_LENGTH : _LENGTH + length]), _identity(file_id, number, last=bool(last)))
            if last:
                return
            del held[: _LENGTH + length]
            number += 1
    raise NotWhole


def _identity(file_id: UUID, number: int, *, last: bool) -> bytes:
    return file_id.bytes + number.to_bytes(4) + bytes([last])
