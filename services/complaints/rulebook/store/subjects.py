"""Subjects in the database."""

from shared.db import Connection

_KEEP = """
INSERT INTO subject (code, name_en, name_zh, active) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET name_en = EXCLUDED.name_en, name_zh = EXCLUDED.name_zh, active = EXCLUDED.active
"""


async def keep(transaction: Connection, code: str, name_en: str, name_zh: str, active: bool) -> None:
    await transaction.execute(_KEEP, code, name_en, name_zh, active)


async def codes(reader: Connection) -> dict[str, bool]:
    """Code -> whether it is still in use."""
    rows = await reader.fetch("SELECT code, active FROM subject")
    return {row["code"]: row["active"] for row in rows}
