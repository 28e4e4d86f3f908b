"""The form of a file, as its sender says it: encoding, sheet, how dates are written. What is not said is looked for."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    """Encodings that a text file may have; GB18030 reads GBK and GB2312, Windows-1252 reads Latin-1."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    GB18030 = "gb18030"
    BIG5 = "big5"
    WINDOWS_1252 = "windows-1252"
    MAC_ROMAN = "mac-roman"

    @classmethod
    def _missing_(cls, value: object) -> "Encoding | None":
        """By the other names that people and programs give them."""
        plain = re.sub("[^a-z0-9]", "", value.casefold()) if isinstance(value, str) else ""
        return _OTHERWISE.get(plain)


_OTHERWISE = {re.sub("[^a-z0-9]", "", encoding): encoding for encoding in Encoding}
_OTHERWISE |= dict.fromkeys(("utf8sig", "utf8bom", "unicode11utf8"), Encoding.UTF_8)
_OTHERWISE |= dict.fromkeys(("utf16le", "unicode"), Encoding.UTF_16)
_OTHERWISE |= dict.fromkeys(("gb2312", "gbk", "cp936", "936"), Encoding.GB18030)
_OTHERWISE |= dict.fromkeys(("cp950", "950"), Encoding.BIG5)
_OTHERWISE |= dict.fromkeys(("cp1252", "1252", "ansi", "latin1", "iso88591"), Encoding.WINDOWS_1252)
_OTHERWISE |= dict.fromkeys(("macintosh", "mac"), Encoding.MAC_ROMAN)


class DateFormat(StrEnum):
    """How dates are written. Days and months may have one digit or two, and a time may follow.

    A year of two digits lies in the hundred years up to the present one.
    """

    YEAR_DASH = "YYYY-MM-DD"
    YEAR_SLASH = "YYYY/MM/DD"
    YEAR_DOT = "YYYY.MM.DD"
    DIGITS = "YYYYMMDD"
    DAY_SLASH = "DD/MM/YYYY"
    DAY_DASH = "DD-MM-YYYY"
    DAY_DOT = "DD.MM.YYYY"
    MONTH_SLASH = "MM/DD/YYYY"
    MONTH_DASH = "MM-DD-YYYY"
    MONTH_DOT = "MM.DD.YYYY"
    SHORT_DAY_SLASH = "D/M/YY"
    SHORT_DAY_DASH = "D-M-YY"
    SHORT_DAY_DOT = "D.M.YY"
    SHORT_MONTH_SLASH = "M/D/YY"
    SHORT_MONTH_DASH = "M-D-YY"
    SHORT_MONTH_DOT = "M.D.YY"
    SHORT_YEAR_SLASH = "YY/M/D"
    SHORT_YEAR_DASH = "YY-M-D"
    SHORT_YEAR_DOT = "YY.M.D"

    @classmethod
    def _missing_(cls, value: object) -> "DateFormat | None":
        """However many letters the day and the month have, in small letters too."""
        return _BY_SHAPE.get(_shape(value)) if isinstance(value, str) else None


def _shape(text: str) -> str:
    return text.strip().upper().replace("DD", "D").replace("MM", "M")


_BY_SHAPE = {_shape(each): each for each in DateFormat}


@dataclass(frozen=True, slots=True)
class FileForm:
    """What the sender says of a file's form; None where nothing is said."""

    encoding: Encoding | None = None
    date_format: DateFormat | None = None
    sheet: str | None = None

    @classmethod
    def of(cls, encoding: str, date_format: str, sheet: str) -> "FileForm":
        """From texts, which are empty where nothing is said."""
        return cls(
            Encoding(encoding) if encoding else None, DateFormat(date_format) if date_format else None, sheet or None
        )


UNSAID = FileForm()
