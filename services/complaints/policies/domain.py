"""Policies with versions: the latest that has started holds, and what an earlier one judged stays (decision 22c)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

PolicyName: TypeAlias = Literal[
    "step_roles",
    "settlement_limits",
    "solution_approval",
    "call_backs",
    "reply_templates",
    "reply_guidance",
    "cost",
    "rewards",
    "understandings",
    "funds",
    "payroll",
    "product_safety",
]


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version as it is kept; what `definition` holds is the matter of the capability that it belongs to."""

    policy: PolicyName
    version: int
    id: UUID
    definition: Mapping[str, Any]
    starts_at: datetime
