"""What a service keeps of a person, as an archive for themself: each section in JSON and, as a table, in CSV.

Texts that a spreadsheet would take for formulas come with an apostrophe before them.
"""

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from shared.moments import written

Section: TypeAlias = Sequence[Mapping[str, Any]]
EXPORTED: Final = "person.exported"
"""What the audit enters."""
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


async def packed_aside(
    service: str,
    person_id: UUID,
    at: datetime,
    sections: Mapping[str, Section],
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """The same as `packed`, in a thread: years of a person take a while to pack, and others are served meanwhile."""
    return await asyncio.to_thread(packed, service, person_id, at, sections, files)


def packed(
    service: str,
    person_id: UUID,
    at: datetime,
    sections: Mapping[str, Section],
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """The part of one service as ZIP; what it knows nothing of is an empty list. `files` are beside the sections."""
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        about = {"service": service, "person_id": str(person_id), "made_at": written(at), "sections": sorted(sections)}
        archive.writestr(f"{service}/about.json", orjson.dumps(about, option=orjson.OPT_INDENT_2))
        for name, rows in sections.items():
            plain = orjson.loads(orjson.dumps([dict(row) for row in rows], default=str))
            archive.writestr(f"{service}/{name}.json", orjson.dumps(plain, option=orjson.OPT_INDENT_2))
            archive.writestr(f"{service}/{name}.csv", _table(plain))
        for name, content in files.items():
            archive.writestr(f"{service}/{name}", content)
    return kept.getvalue()


def joined(parts: Sequence[bytes]) -> bytes:
    """One archive of those of several services."""
    kept = io.BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        for part in parts:
            with ZipFile(io.BytesIO(part)) as read:
                for name in read.namelist():
                    archive.writestr(name, read.read(name))
    return kept.getvalue()


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """With a mark at its beginning, by which spreadsheets know UTF-8."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    said = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{said}" if isinstance(value, str) and said.startswith(_FORMULAS) else said
