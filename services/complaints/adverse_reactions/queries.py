"""Reads of adverse reactions."""

from collections.abc import Collection
from datetime import datetime

from services.complaints.adverse_reactions import store
from services.complaints.adverse_reactions.domain import SafetyPolicy, Symptom, UnknownSymptom
from services.complaints.context import Context
from services.complaints.policies.store import in_force
from shared.statement import Reader


async def check_symptoms(reader: Reader, codes: Collection[str]) -> None:
    """Raises UnknownSymptom for a code that is not in the table, or out of use."""
    if codes and (strange := sorted(set(codes) - await store.usable(reader, codes))):
        raise UnknownSymptom(f"not in use: {', '.join(strange)}; see symptoms", pointer="#/symptoms")


async def policy_in_force(reader: Reader, at: datetime) -> SafetyPolicy:
    """The policy of product safety that holds at a moment."""
    found = await in_force(reader, "product_safety", at)
    return SafetyPolicy.kept(found.version, found.definition)


async def list_symptoms(context: Context) -> list[Symptom]:
    """What a reaction can show, that which is out of use, too."""
    return await store.symptoms(context.database)
