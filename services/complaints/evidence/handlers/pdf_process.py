"""The process that looks through a PDF: `python -m services.complaints.evidence.handlers.pdf_process` (decision 33).

Standard input: the document. Exit code: 0 when nothing in it is run by a reader, 3 when something is, 4 when it cannot
be looked into (broken, too much of it), 5 when it has a password.
"""

import io
import logging
import resource
import sys
from collections.abc import Iterator
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

PLAIN: Final = 0
RUNS: Final = 3
UNREADABLE: Final = 4
LOCKED: Final = 5
MOST_MEMORY: Final = 1 << 30
"""Bytes of address space."""
MOST_SECONDS: Final = 15
"""Of the processor."""
MOST_OBJECTS: Final = 200_000
_RUN: Final = frozenset(
    {"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA", "/ImportData",
     "/SubmitForm", "/GoToE"}
)  # fmt: skip
"""Keys and values of objects by which a reader runs something, opens a file that is inside, or sends something."""


class Locked(Exception):
    """It has a password."""


class TooMuch(Exception):
    """More objects than anybody looks at."""


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    logging.disable()  # what the library finds odd could quote the document
    try:
        return RUNS if runs_something(PdfReader(io.BytesIO(sys.stdin.buffer.read()), strict=False)) else PLAIN
    except Locked:
        return LOCKED
    except (PyPdfError, TooMuch, MemoryError, RecursionError, ValueError, KeyError, TypeError, AttributeError, OSError):
        return UNREADABLE


def runs_something(document: PdfReader) -> bool:
    """Whether any object of the document names something that is run. Raises Locked for one with a password."""
    if document.is_encrypted and not document.decrypt(""):
        raise Locked
    found = False
    for number, each in enumerate(_objects(document)):
        if number > MOST_OBJECTS:
            raise TooMuch
        if isinstance(each, DictionaryObject):
            found = found or any(key in _RUN or str(value) in _RUN for key, value in _plain(each))
    return found


def _plain(held: DictionaryObject) -> Iterator[tuple[str, object]]:
    """Keys and values, without following references."""
    for key in held:
        yield str(key), held.raw_get(key)


def _objects(document: PdfReader) -> Iterator[object]:
    """Every object that the document lists, and what is nested in it."""
    listed = {(number, generation) for generation, places in document.xref.items() for number in places}
    listed |= {(number, 0) for number in document.xref_objStm}
    waiting: list[object] = [document.trailer]
    for number, generation in sorted(listed):
        waiting.append(document.get_object(IndirectObject(number, generation, document)))
        while waiting:
            each = waiting.pop()
            yield each
            if isinstance(each, DictionaryObject):
                waiting.extend(value for _, value in _plain(each) if isinstance(value, DictionaryObject | ArrayObject))
            elif isinstance(each, ArrayObject):
                waiting.extend(
                    value for value in list.__iter__(each) if isinstance(value, DictionaryObject | ArrayObject)
                )


if __name__ == "__main__":
    sys.exit(main())
