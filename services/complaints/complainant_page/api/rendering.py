"""The complainant's page as HTML: everything that was said by people is escaped, and nothing is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.tracking.api.texts import TEXTS, Done, PageTexts
from services.complaints.tracking.domain import LONGEST_WORDS, TrackedCase
from shared.http.pages import strict_headers
from shared.languages import Language

STYLE: Final = Path(__file__).parents[1].joinpath("page", "style.css").read_text(encoding="utf-8")
HEADERS: Final = strict_headers(style=STYLE, posts=True) | {"Vary": "Accept-Language"}
_SCORES: Final = range(1, 11)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case's page lies, and how large a file it takes (bytes)."""

    path: str
    largest_file: int


def megabytes(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / (1 << 20):g}"


def tracked(case: TrackedCase, at: Place, language: Language, zone: ZoneInfo, done: Done | None) -> str:
    """The page of a case."""
    place = at.path
    texts = TEXTS[language]
    parts = [
        f'<section role="status"><p>{escape(texts.done[done])}</p></section>' if done else "",
        _standing(case, texts, language, zone),
        _satisfaction(place, texts, language) if case.may_judge else "",
        _words(place, texts, language),
        _files(at, texts, language),
    ]
    return _document(texts, language, place, texts.title, parts)


def told(said: str, place: str | None, language: Language) -> str:
    """The page that says one thing, with a way back to the case where there is one."""
    texts = TEXTS[language]
    back = f'<p><a href="{escape(_at(place, language))}">{escape(texts.back)}</a></p>' if place else ""
    return _document(
        texts, language, place, texts.title, [f'<section role="alert"><p>{escape(said)}</p>{back}</section>']
    )


def _standing(case: TrackedCase, texts: PageTexts, language: Language, zone: ZoneInfo) -> str:
    state = texts.states["reopened" if case.state == "open" and case.round > 1 else case.state]
    deadline = _moment(case.next_deadline, language, zone) if case.next_deadline else escape(texts.no_deadline)
    rows = [
        (texts.number, escape(case.number)),
        (texts.state, escape(state)),
        (texts.deadline, deadline),
        (texts.wish, escape(case.wish or texts.no_wish)),
        (texts.recorded, _moment(case.recorded_at, language, zone)),
    ]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in rows)
    late = case.overdue and case.state == "open"
    overdue = f'<p class="alarm">{escape(texts.overdue)}</p>' if late else ""
    return (
        f'<section>{overdue}<dl>{listed}</dl><p class="note">{escape(texts.zone.format(zone=zone.key))}</p></section>'
    )


def _satisfaction(place: str, texts: PageTexts, language: Language) -> str:
    scores = '<option value=""></option>' + "".join(f"<option>{score}</option>" for score in _SCORES)

    def choice(name: str, label: str) -> str:
        return (
            f'<label for="{name}">{escape(label)}</label><select id="{name}" name="{name}" required>{scores}</select>'
        )

    remark = _area("text", texts.remark, required=False, id_="remark")
    return (
        f'<section><h2>{escape(texts.satisfaction)}</h2><p class="note">{escape(texts.scale)}</p>'
        f'<form method="post" action="{escape(_at(place, language, "/satisfaction"))}">'
        f"{choice('perceived', texts.perceived)}{choice('expected', texts.expected)}"
        f"{remark}<button>{escape(texts.judge)}</button></form></section>"
    )


def _words(place: str, texts: PageTexts, language: Language) -> str:
    return (
        f'<section><h2>{escape(texts.words)}</h2><form method="post" action="{escape(_at(place, language, "/words"))}">'
        f"{_area('text', texts.words_hint, required=True)}<button>{escape(texts.send)}</button></form></section>"
    )


def _files(at: Place, texts: PageTexts, language: Language) -> str:
    """No kinds are named to the browser: phones hide what they take for something else."""
    hint = texts.files_hint.format(size=megabytes(at.largest_file))
    return (
        f'<section><h2>{escape(texts.files)}</h2><p class="note">{escape(hint)}</p>'
        f'<form method="post" enctype="multipart/form-data" action="{escape(_at(at.path, language, "/files"))}">'
        f'<label for="file">{escape(texts.file)}</label><input id="file" name="file" type="file" required>'
        f"{_area('note', texts.note, required=False, id_='note')}"
        f"<button>{escape(texts.upload)}</button></form></section>"
    )


def _area(name: str, label: str, *, required: bool, id_: str = "text") -> str:
    needed = " required" if required else ""
    return (
        f'<label for="{id_}">{escape(label)}</label>'
        f'<textarea id="{id_}" name="{name}" maxlength="{LONGEST_WORDS}"{needed}></textarea>'
    )


def _moment(moment: datetime, language: Language, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    said = f"{local:%Y-%m-%d %H:%M}" if language == "zh-CN" else f"{local.day} {local:%B %Y, %H:%M}"
    return f'<time datetime="{local.isoformat()}">{said}</time>'


def _at(place: str, language: Language, below: str = "") -> str:
    return f"{place}{below}?lang={'zh' if language == 'zh-CN' else 'en'}"


def _document(texts: PageTexts, language: Language, place: str | None, title: str, parts: Sequence[str]) -> str:
    other: Language = "en" if language == "zh-CN" else "zh-CN"
    switch = (
        f'<a href="{escape(_at(place, other))}" lang="{other}" hreflang="{other}">{texts.switch}</a>' if place else ""
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><header><h1>{escape(title)}</h1>{switch}</header><main>{''.join(parts)}</main></body></html>"
    )
