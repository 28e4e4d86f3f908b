"""The policy that holds."""

from sqlalchemy import select
from sqlmodel import col

from services.care.at_risk.domain import AtRiskPolicy
from services.care.at_risk.tables import AtRiskPolicyRow
from shared.statement import Reader, Statement, table

_PRESENT = Statement(
    select(*table(AtRiskPolicyRow).c).order_by(col(AtRiskPolicyRow.version).desc()).limit(1), AtRiskPolicy
)


async def present(reader: Reader) -> AtRiskPolicy:
    """The version that holds now."""
    found = await _PRESENT.one(reader)
    if found is None:
        raise LookupError("the migration seeds the first policy")
    return found
