"""What kind of file a content is: judged by its first bytes, never by its name or by what the sender says of it.

A closed list of what people hold in their hands: pictures, recordings, videos, and PDF. Nothing in it is run or shown
as a page by a browser; what else there is in the world need not be recognised, for it is refused.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from shared.errors import Invalid

MediaType: TypeAlias = Literal[
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "application/pdf", "video/mp4",
    "video/quicktime", "video/webm", "audio/mp4", "audio/mpeg", "audio/wav", "audio/amr", "audio/ogg",
]  # fmt: skip
HEAD: Final = 64
"""Bytes from which the kind is judged."""
PDF: Final[MediaType] = "application/pdf"


class KindNotTaken(Invalid):
    slug = "file-kind-not-taken"
    title = "This kind of file is not taken"


class KindMismatch(Invalid):
    slug = "file-kind-mismatch"
    title = "The file is not what it is called"


class CarriesScript(Invalid):
    slug = "file-carries-script"
    title = "The file carries something that could be run"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How contents of a kind begin, and what they are called."""

    begins: re.Pattern[bytes]
    extensions: frozenset[str]
    also: frozenset[str] = frozenset()
    """Other names of the media type."""


def _kind(begins: bytes, extensions: str, also: str = "") -> _Kind:
    return _Kind(re.compile(begins, re.DOTALL), frozenset(extensions.split()), frozenset(also.split()))


_KINDS: Final[dict[MediaType, _Kind]] = {
    "image/jpeg": _kind(rb"\xff\xd8\xff", "jpg jpeg jpe jfif", "image/jpg image/pjpeg"),
    "image/png": _kind(rb"\x89PNG\r\n\x1a\n", "png"),
    "image/gif": _kind(rb"GIF8[79]a", "gif"),
    "image/webp": _kind(rb"RIFF....WEBP", "webp"),
    "image/heic": _kind(rb"....ftyp(heic|heix|heim|heis|hevc|mif1|msf1)", "heic heif", "image/heif"),
    PDF: _kind(rb"%PDF-\d", "pdf", "application/x-pdf"),
    "audio/mp4": _kind(rb"....ftypM4[AB] ", "m4a mp4", "audio/x-m4a audio/m4a audio/aac"),
    "video/quicktime": _kind(rb"....ftypqt  ", "mov qt"),
    "video/mp4": _kind(rb"....ftyp(isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash|3g[2ep]\w|mmp4)", "mp4 m4v 3gp 3g2",
                       "video/3gpp video/3gpp2 video/x-m4v audio/3gpp audio/mp4"),
    "video/webm": _kind(rb"\x1a\x45\xdf\xa3.{0,48}webm", "webm", "audio/webm"),
    "audio/mpeg": _kind(rb"ID3[\x02-\x04]|\xff[\xe2-\xfb\xfc-\xff][\x10-\xef]", "mp3", "audio/mp3"),
    "audio/wav": _kind(rb"RIFF....WAVE", "wav", "audio/x-wav audio/wave audio/vnd.wave"),
    "audio/amr": _kind(rb"#!AMR(-WB)?\n", "amr", "audio/amr-wb"),
    "audio/ogg": _kind(rb"OggS\x00", "ogg oga opus", "application/ogg audio/opus"),
}  # fmt: skip
_ANY: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""What a sender says who does not know."""
_SCRIPT: Final = re.compile(
    rb"<script[\s>/]|<html[\s>]|<!doctype\s+html|<iframe[\s>]|<foreignobject|<\?php\s|javascript:", re.IGNORECASE
)
_LONGEST_MARK: Final = 16
"""Bytes that a mark of a script has at most."""


def kind_of(head: bytes, name: str, said: str) -> MediaType:
    """The kind of a content by its first bytes, which name and said media type must not contradict.

    Raises KindNotTaken, KindMismatch.
    """
    kind = next((media_type for media_type, each in _KINDS.items() if each.begins.match(head)), None)
    if kind is None:
        taken = ", ".join(get_args(MediaType))
        raise KindNotTaken(f"files that are taken, by what is in them: {taken}", pointer="#/file")
    extension, said = ending_of(name)[1:].lower(), said.partition(";")[0].strip().lower()
    if extension and extension not in _KINDS[kind].extensions:
        raise KindMismatch(f"by its content it is {kind}, and its name ends in .{extension}", pointer="#/file")
    if said not in _ANY | {kind} | _KINDS[kind].also:
        raise KindMismatch(f"by its content it is {kind}, and it came as another media type", pointer="#/file")
    return kind


def ending_of(name: str) -> str:
    """The ending of a name with its point; nothing where there is none."""
    stem, point, ending = name.rpartition(".")
    return point + ending if stem and ending else ""


class ScriptSearch:
    """Looks through a content as it comes for what a browser would run if it took it for a page."""

    def __init__(self) -> None:
        self._end = b""

    def look(self, piece: bytes) -> None:
        """Raises CarriesScript."""
        if _SCRIPT.search(self._end + piece):
            raise CarriesScript("there is a script or a page in it: send the plain picture, recording or document",
                                pointer="#/file")  # fmt: skip
        self._end = piece[-_LONGEST_MARK:]
