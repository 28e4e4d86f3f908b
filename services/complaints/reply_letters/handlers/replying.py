"""Sending a reply: whoever edited the draft sends it, and the step `reply` is done by it."""

from dataclasses import dataclass
from uuid import UUID

from services.complaints.cases.domain import Case, Said
from services.complaints.cases.queries import require_seen
from services.complaints.cases.store.holding import lock
from services.complaints.context import Context
from services.complaints.reply_letters import store
from services.complaints.reply_letters.domain import NewReply, ReplyText
from services.complaints.reply_templates.domain import LetterChannel, check_whole
from services.complaints.steps.handlers import do_step_locked
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.ids import new_id
from shared.languages import Language


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent, by which channel (None: whichever reaches the complainant), in which language."""

    said: Said
    subject: str | None
    channel: LetterChannel | None
    language: Language
    template_version: int | None
    owner_id: UUID | None


async def reply(context: Context, id_: UUID, asked: Reply, caller: Principal) -> tuple[Case, UUID | None]:
    """Does the step `reply` with this text, and has it sent; returns the id of the letter.

    Nothing is sent of what lies in the past of a case taken over (decision 5), nor to a customer about an internal
    case: what colleagues are answered stands in the history. Raises ComplaintNotFound, TemplateHole,
    and what the step refuses.
    """
    text, subject = asked.said.text, asked.subject
    check_whole(text or "", "#/text")
    check_whole(subject or "", "#/subject")
    await require_seen(context, id_, viewer=viewer(caller))
    async with context.database.transaction() as transaction:
        case = await lock(transaction, id_)
        case, moment = await do_step_locked(
            transaction, context, case, "reply", asked.said, owner_id=asked.owner_id, caller=caller
        )
        if text is None or case.historical(moment) or case.kind == "internal":
            return case, None
        new = NewReply(
            id=new_id(),
            complaint_id=case.id,
            round=case.round,
            asked=asked.channel,
            language=asked.language,
            text=ReplyText(subject or _subject(case, asked.language), text),
            template_version=asked.template_version,
            written_at=context.clock.now(),
            written_by=caller.id,
        )
        await store.add(transaction, context.words, new)
        context.database.once_committed(transaction, context.reply_post.wake)
    return case, new.id


def _subject(case: Case, language: Language) -> str:
    return (
        f"关于您的投诉 {case.number} 的答复" if language == "zh-CN" else f"Our answer to your complaint {case.number}"
    )
