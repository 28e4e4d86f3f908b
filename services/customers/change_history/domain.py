"""How the history of the archive is shown: what a field is called, and who sees what of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.customers.changes.domain import Said
from services.customers.masking import domain as masking
from services.customers.traits.domain import NEEDED_BY as WORDS_NEEDED_BY
from shared.languages import Language

Label = Mapping[Language, str]


def _label(zh: str, en: str) -> Label:
    return {"zh-CN": zh, "en": en}


_ROLES: Final = {
    "beauty_mentor": _label("美容导师", "Beauty mentor"),
    "salesperson": _label("业务人员", "Salesperson"),
    "brand_manager": _label("品牌经理", "Brand manager"),
    "sales_manager": _label("业务经理", "Sales manager"),
    "logistics_manager": _label("物流经理", "Logistics manager"),
    "cs_manager": _label("客户管理经理", "Customer-service manager"),
    "cs_specialist": _label("客户管理专员", "Customer-service specialist"),
    "general_manager": _label("总经理", "General manager"),
    "admin_dept": _label("行政部", "Administration"),
}
LABELS: Final[Mapping[str, Label]] = {
    "name": _label("名称", "Name"),
    "external_no": _label("客户编号", "Number"),
    "region_id": _label("区域", "Region"),
    "phones": _label("电话", "Phones"),
    "emails": _label("电子邮箱", "E-mail"),
    "language": _label("语言", "Language"),
    "time_zone": _label("时区", "Time zone"),
    "address": _label("地址", "Address"),
    "birthday": _label("生日", "Birthday"),
    "opened_on": _label("开业日期", "Opening day"),
    "registered_at": _label("登记时间", "Customer since"),
    "owner_id": _label("店主", "Owner"),
    "credit_limit": _label("信用额度", "Credit limit"),
    **{f"team.{role}": _label(f"客户小组：{said['zh-CN']}", f"Team: {said['en']}") for role, said in _ROLES.items()},
    "note": _label("备注", "Note"),
    "tag": _label("标签", "Tag"),
    "contract.brand_id": _label("合同：品牌", "Contract: brand"),
    "contract.region_id": _label("合同：区域", "Contract: region"),
    "contract.starts_on": _label("合同：起始日", "Contract: first day"),
    "contract.ends_on": _label("合同：终止日", "Contract: end"),
    "contract.external_no": _label("合同：编号", "Contract: number"),
    "contract.withdrawn_at": _label("合同：撤销", "Contract: withdrawn"),
    "tie.kind": _label("捆绑：种类", "Tie: kind"),
    "tie.ends_on": _label("捆绑：终止日", "Tie: end"),
    "tie.benefit": _label("捆绑：每年利益", "Tie: benefit a year"),
    "tie.words": _label("捆绑：说明", "Tie: what it is"),
    "tie.ended_at": _label("捆绑：已结束", "Tie: ended"),
    "trait.size_m2": _label("面积（平方米）", "Size in m²"),
    "trait.staff_count": _label("员工人数", "Staff"),
    "trait.funds": _label("资金", "Funds"),
    "trait.shelf_share": _label("货架占比（%）", "Shelf share in %"),
    "trait.preferences": _label("偏好", "Preferences"),
    "trait.needs": _label("需求", "Needs"),
}
"""What the fields of the history are called; kinds of traits that were added bring their own names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it was kept. `gone`: what it said went with the person; `withheld`: it came from a merged customer,
    whose it is, so it was never kept here."""

    id: UUID
    at: datetime
    by: UUID | None
    by_name: str | None
    field: str
    label: Label
    about: UUID | None
    before: Said
    after: Said
    personal: bool
    gone: bool
    withheld: bool
    masked: bool = False

    def says_personal(self) -> bool:
        """Whether it shows something personal to who may see that."""
        return self.personal and not (self.gone or self.withheld)


def label_of(field: str, name_zh: str | None, name_en: str | None) -> Label:
    """What a field is called; one of an added kind as the kind is."""
    if name_zh is not None and name_en is not None:
        return _label(name_zh, name_en)
    return LABELS.get(field) or _label(field, field)


def sees(entry: Entry, roles: Collection[str]) -> bool:
    """Whether somebody with these roles sees in full what changed."""
    if not entry.personal:
        return True
    needed_by = masking.NEEDED_BY.get(entry.field, WORDS_NEEDED_BY)
    return not needed_by.isdisjoint(roles)


def seen_by(entry: Entry, roles: Collection[str]) -> Entry:
    """The change as somebody with these roles sees it."""
    if sees(entry, roles):
        return entry
    before, after = (_veiled(entry.field, value) for value in (entry.before, entry.after))
    return replace(entry, before=before, after=after, masked=True)


def _veiled(field: str, value: Said) -> Any:
    if field not in masking.NEEDED_BY:
        return None
    veiled = masking.veil(field, value)
    return list(veiled) if isinstance(veiled, tuple) else veiled
