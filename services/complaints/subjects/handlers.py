"""Keeping subjects."""

from services.complaints.context import Context
from services.complaints.revisions.store import next_revision
from services.complaints.subjects import store


async def keep_subject(context: Context, code: str, name_en: str, name_zh: str, *, active: bool) -> None:
    """Adds or renames a subject, or takes it out of use; cases that have it keep it."""
    async with context.database.transaction() as transaction:
        await next_revision(transaction)
        await store.keep(transaction, code, name_en, name_zh, active)
