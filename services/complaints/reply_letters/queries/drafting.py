"""Drafting a reply: what of a case and of the archive its templates name (domain 3.5)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.complaints.cases.queries import details_of, read_case, words_of
from services.complaints.company import store as company_store
from services.complaints.compensations.domain import CompensationState
from services.complaints.compensations.queries import list_of_case
from services.complaints.contacts import store as contacts
from services.complaints.context import Context
from services.complaints.customers import store as customers
from services.complaints.guidance.domain import Hint
from services.complaints.guidance.queries import hints_for
from services.complaints.letters.domain.letters import Recipient
from services.complaints.reply_letters.domain import in_other_language, spoken_day, whole_years
from services.complaints.reply_templates.domain import Composed, LetterChannel, compose, holes_in
from services.complaints.reply_templates.queries import template_of
from services.complaints.rulebook.queries import list_subjects
from services.complaints.solutions.domain import SolutionState
from services.complaints.solutions.queries import list_solutions
from shared import directory
from shared.languages import Language
from shared.reachable import Reachable

_SAID: Final = ("solution", "compensation")
"""Values in the words of whoever wrote them down, in the language they chose."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as it was composed, to be edited and sent by somebody; `hints` say where it looks wrong."""

    channel: LetterChannel
    language: Language
    template_version: int
    letter: Composed
    hints: list[Hint]
    other_language: list[str]
    """Which values are written in another language."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What drafting needs of a case, unsealed."""

    id: UUID
    row: dict[str, Any]
    given: dict[str, str] | None
    contact: Reachable | None
    wished: Any
    spoken: Language | None

    @property
    def name(self) -> str:
        if self.given is not None:
            return self.given["name"]
        return self.contact.name if self.contact is not None else ""

    @property
    def customer_id(self) -> UUID | None:
        return UUID(self.row["customer_id"]) if self.row["customer_id"] else None

    @property
    def language(self) -> Language | None:
        if self.spoken is not None or self.contact is None:
            return self.spoken
        return "en" if self.contact.language == "en" else "zh-CN"

    @property
    def channel(self) -> LetterChannel:
        """By which the complainant is reached, as they wish where that can be; else somebody calls."""
        if self.given is not None:
            recipient = Recipient.given(self.given["contact"], "zh-CN")
        elif self.contact is not None:
            recipient = Recipient.customer(self.contact, None)
        else:
            return "phone"
        way = recipient.way(self.wished)
        return way[0] if way is not None else "phone"


async def draft(
    context: Context,
    id_: UUID,
    channel: LetterChannel | None,
    language: Language | None,
    *,
    viewer: UUID | None,
) -> Draft:
    """A reply composed of what is known; channel and language are the complainant's unless said.

    Raises ComplaintNotFound.
    """
    case = await _case(context, id_, viewer)
    company = await company_store.read(context.database)
    first: Language = "en" if company is not None and company.languages[0] == "en" else "zh-CN"
    channel, language = channel or case.channel, language or case.language or first
    now = context.clock.now()
    version, template = await template_of(context.database, channel, language, now)
    values = {
        "number": case.row["number"],
        "case_subject": await _subject(context, case.row["subject"], language),
        "recorded_on": spoken_day(_day(context, case.row["recorded_at"]), language),
        "today": spoken_day(_day(context, now), language),
        "line": company.line if company is not None else context.settings.line,
        "name": case.name,
        "tier": case.row["tier"] or "",
        "company": company.names.get(language, "") if company is not None else "",
        "solution": await _solution(context, case, viewer),
        "compensation": await _compensation(context, case, language, viewer),
        "years": await _years(context, case, now),
    }
    if company is not None:
        departments = await _departments(context, case.row["accountable_id"])
        values["signatories"] = "\n".join(company.signed_by(departments, language))
    letter = compose(template, {name: value for name, value in values.items() if value}, language)
    hints = await hints_for(context.database, letter.text, language, now)
    spoken = {name: values[name] for name in _SAID}
    foreign = [name for name, value in spoken.items() if value and in_other_language(value, language)]
    return Draft(channel, language, version, letter, hints, foreign)


@dataclass(frozen=True, slots=True)
class Checked:
    """What to look at in a text before it goes; `missing` are the variables that stand open in it."""

    missing: list[str]
    hints: list[Hint]
    in_other_language: bool


async def check(context: Context, id_: UUID, text: str, language: Language, *, viewer: UUID | None) -> Checked:
    """What an edited reply looks like. Raises ComplaintNotFound."""
    await read_case(context, id_, viewer=viewer)
    hints = await hints_for(context.database, text, language, context.clock.now())
    return Checked(list(holes_in(text)), hints, in_other_language(text, language))


async def _case(context: Context, id_: UUID, viewer: UUID | None) -> _Case:
    row, _ = await read_case(context, id_, viewer=viewer)
    words, details = words_of(context, id_, row), details_of(context, id_, row)
    contact = None
    if words.complainant is None and row["customer_id"]:
        contact = await contacts.read(context.database, context.contacts, UUID(row["customer_id"]), context.zone)
    return _Case(id_, row, words.complainant, contact, details.reply_by, details.language)


def _day(context: Context, moment: datetime | str) -> date:
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(context.zone).date()


async def _subject(context: Context, code: str, language: Language) -> str:
    """What the table of subjects calls it."""
    for each in await list_subjects(context):
        if each.code == code:
            return each.name_zh if language == "zh-CN" else each.name_en
    return code


async def _solution(context: Context, case: _Case, viewer: UUID | None) -> str:
    """The solution that stands in the present round, as it was proposed."""
    found = await list_solutions(context, case.id, viewer=viewer)
    standing = [each for each in found if each.solution.round == case.row["round"]][-1:]
    return "".join(
        (each.text or "").rstrip("。. ") for each in standing if each.solution.state is not SolutionState.REFUSED
    )


async def _compensation(context: Context, case: _Case, language: Language, viewer: UUID | None) -> str:
    """What was granted in the case, as it was written down; never its cost."""
    found = await list_of_case(context, case.id, viewer=viewer)
    given = [
        each.text.rstrip("。. ") for each in found if each.text and each.compensation.state is CompensationState.GRANTED
    ]
    return ("、" if language == "zh-CN" else ", ").join(given)


async def _years(context: Context, case: _Case, now: datetime) -> str:
    """For how many whole years the store has been a customer; nothing in the first."""
    if case.customer_id is None:
        return ""
    since = await customers.registered_at(context.database, case.customer_id)
    years = whole_years(_day(context, since), _day(context, now)) if since is not None else 0
    return str(years) if years else ""


async def _departments(context: Context, accountable_id: str | None) -> list[UUID]:
    """The department that answers for the case."""
    if accountable_id is None:
        return []
    found = await directory.staff(context.database, [UUID(accountable_id)])
    return [member.department_id for member in found.values() if member.department_id is not None]
