"""Finding out a text file's encoding while it streams: by its mark, by the sender's word, or by what stands in it.

What is found depends on the bytes alone, so a file that is read again is read the same.
"""

import codecs
from collections.abc import Iterator
from itertools import chain

from services.customers.imports.domain.encodings import CODECS, Judgement, candidates_of, cells_of, judge
from services.customers.imports.domain.form import Encoding
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers.source import Source, Taken

ENOUGH = (200, 2_000)
"""Cells beyond ASCII that are judged, and those for a second look when the first are not clear."""
MOST_AHEAD = 8 << 20
"""Bytes that are held while such cells are looked for."""

_MARK = b"\xef\xbb\xbf"
_MARK_16 = (b"\xff\xfe", b"\xfe\xff")


def without_mark(head: bytes, source: Source, taken: Taken) -> tuple[bytes, Source]:
    """The bytes without the mark that says their encoding, which is right whatever else is said; UTF-16 as UTF-8."""
    if head.startswith(_MARK):
        taken.encoding = Encoding.UTF_8
        return head.removeprefix(_MARK), source
    if head.startswith(_MARK_16) or taken.encoding is Encoding.UTF_16:
        taken.encoding = Encoding.UTF_16
        recoded = _Utf16(source, "utf-16" if head.startswith(_MARK_16) else "utf-16-le")
        return recoded.recoded(head), recoded
    return head, source


class _Utf16:
    """A file in UTF-16 as UTF-8; without a mark it is as Windows writes it."""

    def __init__(self, source: Source, codec: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._lines = 1

    def read(self, most: int, /) -> bytes:
        """Never empty before the end, whatever stands across two pieces."""
        while piece := self._source.read(most):
            if text := self.recoded(piece):
                return text
        return self.recoded(b"", last=True)

    def recoded(self, piece: bytes, *, last: bool = False) -> bytes:
        try:
            text = self._decoder.decode(piece, final=last).encode()
        except UnicodeDecodeError as fault:
            line = self._lines + piece.count(b"\n", 0, fault.start)
            raise BrokenFile(Trouble.WRONG_ENCODING, str(line)) from None
        self._lines += text.count(b"\n")
        return text


def codec_of(taken: Taken) -> str:
    """How the bytes are decoded; nothing is found yet while they are ASCII."""
    return "ascii" if taken.encoding is None else CODECS.get(taken.encoding, "utf-8")


def found(blocks: Iterator[bytes], taken: Taken) -> Iterator[bytes]:
    """The blocks, before the first of which that is not ASCII the encoding is found. Raises BrokenFile."""
    for block in blocks:
        if taken.encoding is None and not block.isascii():
            ahead, judgement, cells = _judged(block, blocks)
            if judgement.candidates:
                names = ", ".join(judgement.candidates)
                candidates = candidates_of(cells, judgement.candidates)
                raise BrokenFile(Trouble.AMBIGUOUS_ENCODING, names, candidates)
            taken.encoding = judgement.encoding
            yield from chain(ahead, blocks)
            return
        yield block


def _judged(block: bytes, blocks: Iterator[bytes]) -> tuple[list[bytes], Judgement, list[bytes]]:
    """The blocks that were looked at, what they say, and the cells that say it."""
    ahead, cells = [block], dict.fromkeys(cells_of(block))
    size, (enough, *more_than_enough) = len(block), ENOUGH
    while True:
        while len(cells) < enough and size < MOST_AHEAD and (more := next(blocks, b"")):
            ahead.append(more)
            size += len(more)
            cells |= dict.fromkeys(cells_of(more))
        looked_at = list(cells)[:enough]
        judgement = judge(looked_at)
        if not judgement.candidates or not more_than_enough:
            return ahead, judgement, looked_at
        enough = more_than_enough.pop(0)
