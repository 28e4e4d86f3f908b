"""The complainant's page as HTML: everything that was said by people is escaped, and nothing is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from services.complaints.complainant_page.api.texts import TEXTS, Done, PageTexts
from services.complaints.evidence.domain.files import EvidenceFile
from services.complaints.tracking.domain import LONGEST_WORDS, TrackedCase
from shared.http.pages import strict_headers
from shared.languages import Language

STYLE: Final = Path(__file__).parents[1].joinpath("page", "style.css").read_text(encoding="utf-8")
HEADERS: Final = strict_headers(style=STYLE, posts=True) | {"Vary": "Accept-Language"}
_SCORES: Final = range(1, 11)


@dataclass(frozen=True, slots=True)
class House:
    """What every page says of us: the complaint line, the zone of its times, and how large a file may be (bytes)."""

    line: str
    zone: ZoneInfo
    largest_file: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a case's page lies, in which language it is read, and what the visitor has just done."""

    place: str
    language: Language
    house: House
    done: Done | None = None

    @property
    def texts(self) -> PageTexts:
        return TEXTS[self.language]

    def at(self, below: str = "", language: Language | None = None) -> str:
        """An address of the page, ready to stand in it."""
        return escape(f"{self.place}{below}?lang={'zh' if (language or self.language) == 'zh-CN' else 'en'}")

    def calling(self, text: str) -> str:
        """A text that names the complaint line, which a telephone calls when it is touched."""
        line = self.house.line
        digits = "".join(each for each in line if each.isdigit() or each == "+")
        return escape(text).replace("{line}", f'<a href="tel:{escape(digits)}">{escape(line)}</a>')

    def moment(self, moment: datetime) -> str:
        """A moment in the company's zone."""
        local = moment.astimezone(self.house.zone)
        said = f"{local:%Y-%m-%d %H:%M}" if self.language == "zh-CN" else f"{local.day} {local:%B %Y, %H:%M}"
        return f'<time datetime="{local.isoformat()}">{said}</time>'


def megabytes(size: int) -> str:
    """A bound in MB as people read it."""
    return f"{size / (1 << 20):g}"


def size_of(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / (1 << 20):.1f} MB" if size >= 1 << 20 else f"{max(1, round(size / (1 << 10)))} KB"


def tracked(case: TrackedCase, files: Sequence[EvidenceFile], visit: Visit) -> str:
    """The page of a case, with the files that its complainant has added."""
    texts = visit.texts
    title = texts.titles[case.kind]
    said = _done(case, visit)
    parts = [
        f'<section role="status"><p>{escape(said)}</p></section>' if said else "",
        _question(case, visit),
        _standing(case, visit),
        satisfaction(visit) if case.may_judge else "",
        words(visit),
        upload(visit, sent=_sent(files, visit)),
    ]
    return _document(visit, title, parts, said)


def told(visit: Visit, said: str, *, leads_back: bool = True, again: str = "") -> str:
    """The page that says one thing, with a way back to the case unless there is none, and a form to try again."""
    back = f'<p><a class="back" href="{visit.at()}">{escape(visit.texts.back)}</a></p>' if leads_back else ""
    section = f'<section role="alert"><p>{visit.calling(said)}</p>{back}</section>'
    heard = said.format(line=visit.house.line)
    return _document(visit, visit.texts.title, [section, again], heard)


def _done(case: TrackedCase, visit: Visit) -> str:
    if visit.done == "satisfaction" and case.state == "open":
        return visit.texts.opened_again
    return visit.texts.done[visit.done] if visit.done else ""


def _question(case: TrackedCase, visit: Visit) -> str:
    """What the complainant is asked, and where they reply."""
    if case.question is None:
        return ""
    texts = visit.texts
    return (
        f'<section><h2>{escape(texts.question)}</h2><p class="asked" dir="auto">{escape(case.question)}</p>'
        f'<p><a href="#text">{escape(texts.reply)}</a></p></section>'
    )


def _standing(case: TrackedCase, visit: Visit) -> str:
    texts = visit.texts
    state = texts.states["reopened" if case.state == "open" and case.round > 1 else case.state]
    rows = [
        (texts.number, escape(case.number)),
        (texts.state, escape(state)),
        (texts.deadline, _deadline(case, visit)),
        (texts.wish, escape(case.wish or texts.no_wish)),
        (texts.recorded, visit.moment(case.recorded_at)),
    ]
    listed = "".join(f'<dt>{escape(name)}</dt><dd dir="auto">{value}</dd>' for name, value in rows)
    late = f'<p class="alarm">{escape(texts.overdue)}</p>' if case.overdue and case.state == "open" else ""
    over = f"<p>{visit.calling(texts.closed)}</p>" if case.state == "closed" else ""
    key = visit.house.zone.key
    zone = escape(texts.zone.format(zone=texts.zones.get(key, key)))
    return f'<section>{late}{over}<dl>{listed}</dl><p class="note">{zone}</p></section>'


def _deadline(case: TrackedCase, visit: Visit) -> str:
    if case.next_deadline is not None:
        return visit.moment(case.next_deadline)
    if case.state == "open" and case.answer_due_at is not None:
        return visit.texts.past.format(moment=visit.moment(case.answer_due_at))
    return escape(visit.texts.paused if case.paused else visit.texts.no_deadline)


def satisfaction(visit: Visit, said: Mapping[str, str] = MappingProxyType({})) -> str:
    """The form for a judgement; what was `said` and refused is not to be chosen and typed again."""
    texts = visit.texts

    def choice(name: str, label: str) -> str:
        scores = "".join(
            f"<option{' selected' if said.get(name) == str(score) else ''}>{score}</option>" for score in _SCORES
        )
        return (
            f'<label for="{name}">{escape(label)}</label><select id="{name}" name="{name}" required>'
            f'<option value="">{escape(texts.choose)}</option>{scores}</select>'
        )

    remark = _area("text", texts.remark, required=False, id_="remark", said=said.get("text", ""))
    return (
        f'<section><h2>{escape(texts.satisfaction)}</h2><p class="note">{escape(texts.scale)}</p>'
        f'<form method="post" action="{visit.at("/satisfaction")}">'
        f"{choice('perceived', texts.perceived)}{choice('expected', texts.expected)}"
        f"{remark}<button>{escape(texts.judge)}</button></form></section>"
    )


def words(visit: Visit, said: str = "") -> str:
    """The form for words; `said` was refused and is not to be typed again."""
    texts = visit.texts
    area = _area("text", texts.words_hint, required=True, said=said)
    return (
        f'<section><h2>{escape(texts.words)}</h2><form method="post" action="{visit.at("/words")}">'
        f"{area}<button>{escape(texts.send)}</button></form></section>"
    )


def upload(visit: Visit, note: str = "", sent: str = "") -> str:
    """The form for a file; a `note` that was refused with one is not to be typed again.

    No kinds are named to the browser: phones hide what they take for something else.
    """
    texts = visit.texts
    hint = texts.files_hint.format(size=megabytes(visit.house.largest_file))
    return (
        f'<section><h2>{escape(texts.files)}</h2><p class="note">{escape(hint)}</p>'
        f'<form method="post" enctype="multipart/form-data" action="{visit.at("/files")}">'
        f'<label for="file">{escape(texts.file)}</label><input id="file" name="file" type="file" required>'
        f"{_area('note', texts.note, required=False, id_='note', said=note)}"
        f"<button>{escape(texts.upload)}</button></form>{sent}</section>"
    )


def _sent(files: Sequence[EvidenceFile], visit: Visit) -> str:
    if not files:
        return ""
    items = "".join(
        f'<li><span class="name" dir="auto">{escape(file.name)}</span>'
        f'<span class="note">{size_of(file.size)} · {visit.moment(file.added_at)}</span></li>'
        for file in files
    )
    return f'<h3>{escape(visit.texts.uploaded)}</h3><ul class="files">{items}</ul>'


def _area(name: str, label: str, *, required: bool, id_: str = "text", said: str = "") -> str:
    needed = " required" if required else ""
    return (
        f'<label for="{id_}">{escape(label)}</label>'
        f'<textarea id="{id_}" name="{name}" maxlength="{LONGEST_WORDS}"{needed}>{_kept(said)}</textarea>'
    )


def _kept(said: str) -> str:
    """A text area's content: its first line break would be dropped."""
    return f"\n{escape(said)}" if said else ""


def _document(visit: Visit, title: str, parts: Sequence[str], said: str) -> str:
    """The page; what is to be heard first stands first in its title too."""
    texts, language = visit.texts, visit.language
    other: Language = "en" if language == "zh-CN" else "zh-CN"
    to_other = f'<a href="{visit.at(language=other)}" lang="{other}" hreflang="{other}">{texts.switch}</a>'
    heard = f"{said} – {title}" if said else title
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(heard)}</title><style>{STYLE}</style></head>"
        f"<body><header><h1>{escape(title)}</h1>{to_other}</header><main>{''.join(parts)}</main>"
        f"<footer><p>{visit.calling(texts.line)}</p></footer></body></html>"
    )
