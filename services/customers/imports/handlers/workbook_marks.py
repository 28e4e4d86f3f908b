"""What a sheet says of its cells beside their values: errors, and number formats that keep zeros.

The library for values leaves both out. They are read from the same file, row by row beside the values, so nothing
grows with it; a sheet that holds neither is only looked through, which takes a tenth of parsing it.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import IO
from xml.parsers import expat

from services.customers.imports.domain.cells import Misformatted, Unfit
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers.source import CHUNK

UNREADABLE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, RuntimeError, EOFError, OSError,
)  # fmt: skip
"""What a damaged, encrypted or made-up workbook raises on the way."""

_WORKBOOK, _LINKS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"
_STRICT_RELATION = "http://purl.oclc.org/ooxml/officeDocument/relationships id"
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_PLACE = re.compile(r"([A-Z]{1,3})(\d+)")
_FORMAT = re.compile(r'"([^"]*)"|\\(.)|(0)|([-/ ()+:])|(?:\[[^\]<>=]*\])|(?:[_*].)')
_SECTION = re.compile(r'(?:"[^"]*"|\\.|[_*].|\[[^\]]*\]|[^;])+')
_UNCOUNTED = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]|\..*')
"""What shows no digit in front of the decimal point."""
_CONDITION = re.compile(r"\[[<>=]")

Mark = Callable[[str], str]
"""What the text of a cell becomes."""
MarkedRow = tuple[int, list[tuple[int, Mark]]]
Attributes = Mapping[str, str]


class Marks:
    """The marks of a sheet, row after row."""

    def __init__(self, rows: Iterator[MarkedRow]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of_row(self, number: int) -> Sequence[tuple[int, Mark]]:
        """Column and mark of each marked cell; rows are asked for in their order."""
        while self._next is not None and self._next[0] < number:
            self._next = next(self._rows, None)
        return self._next[1] if self._next is not None and self._next[0] == number else ()


@contextmanager
def marks_of(file: IO[bytes], sheet: str) -> Iterator[Marks]:
    """The marks of the sheet; raises BrokenFile, at once or on the way."""
    try:
        with zipfile.ZipFile(file) as archive:
            path = _path(archive, sheet)
            formats = {str(at): mark for at, mark in enumerate(_formats(archive)) if mark is not None}
            yield Marks(_marked(archive, path, formats) if formats or _has_errors(archive, path) else iter(()))
    except UNREADABLE:
        raise BrokenFile(Trouble.NO_WORKBOOK) from None


def _has_errors(archive: zipfile.ZipFile, path: str) -> bool:
    rest = b""
    with archive.open(path) as member:
        while chunk := member.read(CHUNK):
            if _ERROR.search(rest + chunk):
                return True
            rest = chunk[-16:]
    return False


# ------------------------------------------------------------------------------------- which file, which formats


def _elements(archive: zipfile.ZipFile, path: str) -> Iterator[tuple[str, Attributes]]:
    """The elements of a part as they begin: names without their namespace, which differs between editions."""
    begun: list[tuple[str, Attributes]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: begun.append((name.rpartition(" ")[2], attributes))
    parser.StartDoctypeDeclHandler = _no_doctype
    with archive.open(path) as member:
        while chunk := member.read(CHUNK):
            parser.Parse(chunk)
            yield from begun
            begun.clear()


def _no_doctype(*_: object) -> None:
    raise BrokenFile(Trouble.NO_WORKBOOK)


def _path(archive: zipfile.ZipFile, sheet: str) -> str:
    """Where the sheet lies in the archive."""
    [link] = [
        attributes.get(_RELATION) or attributes[_STRICT_RELATION]
        for name, attributes in _elements(archive, _WORKBOOK)
        if name == "sheet" and attributes["name"] == sheet
    ]
    [target] = [attributes["Target"] for _, attributes in _elements(archive, _LINKS) if attributes.get("Id") == link]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _formats(archive: zipfile.ZipFile) -> Iterator[Mark | None]:
    """For each style of cells, what it makes of a whole number; None where it adds nothing to its digits."""
    if _STYLES not in archive.namelist():
        return
    codes: dict[str, str] = {}
    within = False
    for name, attributes in _elements(archive, _STYLES):
        if name == "numFmt":
            codes[attributes["numFmtId"]] = attributes["formatCode"]
        elif name in ("cellXfs", "cellStyles"):
            within = name == "cellXfs"
        elif name == "xf" and within:
            yield _mark(codes.get(attributes.get("numFmtId", ""), ""))


def _mark(code: str) -> Mark | None:
    """`000000` and the like keep zeros, `"SH-"000` a prefix as well; None where a format keeps no zeros.

    One that keeps them in another manner, or only for some numbers, leaves open which digits are meant.
    """
    sections = _SECTION.findall(code)
    if not any(_UNCOUNTED.sub("", section).count("0") > 1 for section in sections):
        return None
    parts = list(_FORMAT.finditer(sections[0]))
    understood = "".join(part[0] for part in parts) == sections[0]
    if not understood or any(_CONDITION.search(section) for section in sections):
        return Misformatted
    if sum(1 for part in parts if part[3]) < 2:
        return None
    pattern = "".join("\0" if part[3] else part[1] or part[2] or part[4] or "" for part in parts)
    return partial(_formatted, pattern)


def _formatted(pattern: str, text: str) -> str:
    """The digits in the places of the pattern from the right; what goes beyond them stands before the first."""
    if isinstance(text, Unfit):
        return text
    if not text.isdecimal() or not text.isascii():
        return Misformatted(text) if text.startswith("-") else text
    places = pattern.count("\0")
    digits = text.zfill(places)
    extra, rest = digits[: len(digits) - places], list(digits[len(digits) - places :])
    rest[0] = extra + rest[0]
    pieces = pattern.split("\0")
    return pieces[0] + "".join(digit + piece for digit, piece in zip(rest, pieces[1:], strict=True))


# ------------------------------------------------------------------------------------- which cells


def _marked(archive: zipfile.ZipFile, path: str, formats: Mapping[str, Mark]) -> Iterator[MarkedRow]:
    row = column = 0
    found: list[tuple[int, Mark]] = []
    for name, attributes in _elements(archive, path):
        if name == "row":
            if found:
                yield row, found
            row, column, found = int(attributes.get("r", row + 1)), 0, []
        elif name == "c":
            column = _column(attributes["r"]) if "r" in attributes else column + 1
            mark = _mark_of(attributes, formats)
            if mark is not None:
                found.append((column - 1, mark))
    if found:
        yield row, found


def _mark_of(cell: Attributes, formats: Mapping[str, Mark]) -> Mark | None:
    kind = cell.get("t", "n")
    if kind == "n":
        return formats.get(cell.get("s", "0"))
    return _error if kind == "e" else None


def _column(place: str) -> int:
    match = _PLACE.fullmatch(place)
    if match is None:
        raise BrokenFile(Trouble.NO_WORKBOOK)
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _error(_: str) -> str:
    return "#N/A"
