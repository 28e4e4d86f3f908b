"""How the history of the archive is shown: what a field is called, and who sees what of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.customers.changes.domain import Said
from services.customers.masking.domain import veil
from services.customers.owners.domain import PREFIX as OWNER
from services.customers.people.domain import PREFIX as PERSON
from services.customers.people.domain import TRAITS as TRAITS_OF_PEOPLE
from services.customers.relations.domain import PREFIX as RELATION
from services.customers.relations.domain import PREFIX_FROM as RELATION_FROM
from shared.languages import Language
from shared.purposes import PERSONAL

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
    "legal_name": _label("法定名称", "Legal name"),
    "licence_no": _label("统一社会信用代码", "Licence number"),
    "credit_rating": _label("信用等级", "Credit rating"),
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
    "person.name": _label("人员：姓名", "Person: name"),
    "person.phones": _label("人员：电话", "Person: phones"),
    "person.emails": _label("人员：电子邮箱", "Person: e-mail"),
    "person.job": _label("人员：职位", "Person: job"),
    "person.decides": _label("人员：决策人", "Person: decides"),
    "person.pays": _label("人员：付款人", "Person: pays"),
    "person.uses": _label("人员：使用者", "Person: uses"),
    "person.language": _label("人员：语言", "Person: language"),
    "person.means": _label("人员：联系方式", "Person: how to reach"),
    "person.left_on": _label("人员：离店日", "Person: left on"),
    "person.removed_at": _label("人员：已删除", "Person: removed"),
    "person.occupation": _label("人员：职业", "Person: occupation"),
    "person.income": _label("人员：收入", "Person: income"),
    "person.education": _label("人员：学历", "Person: education"),
    "person.managing": _label("人员：管理方式", "Person: way of managing"),
    "person.family": _label("人员：家庭", "Person: family"),
    "person.tastes": _label("人员：喜好", "Person: tastes"),
    "owner.name": _label("店主：姓名", "Owner: name"),
    "owner.phones": _label("店主：电话", "Owner: phones"),
    "owner.emails": _label("店主：电子邮箱", "Owner: e-mail"),
    "ownership.since": _label("店主：起始时间", "Owner: since"),
    "invoice.customer_id": _label("发票：客户", "Invoice: customer"),
    "invoice.invoice_no": _label("发票：号码", "Invoice: number"),
    "invoice.due_on": _label("发票：到期日", "Invoice: due on"),
    "invoice.amount": _label("发票：金额", "Invoice: amount"),
    "invoice.paid_on": _label("发票：付款日", "Invoice: paid on"),
    "invoice.withdrawn_at": _label("发票：撤销", "Invoice: withdrawn"),
    "potential.amount": _label("潜力：每月金额", "Potential: a month"),
    "potential.reason": _label("潜力：理由", "Potential: reason"),
    "rebate.brand_id": _label("返利：品牌", "Rebate: brand"),
    "rebate.starts_on": _label("返利：起始日", "Rebate: first day"),
    "rebate.ends_on": _label("返利：终止日", "Rebate: last day"),
    "rebate.steps": _label("返利：阶梯", "Rebate: steps"),
    "rebate.withdrawn_at": _label("返利：撤销", "Rebate: withdrawn"),
    "date.birthday": _label("日期：生日", "Date: birthday"),
    "date.wedding": _label("日期：结婚纪念日", "Date: wedding"),
    "date.opening": _label("日期：开业日", "Date: opening"),
}
"""What the fields of the history are called; kinds of traits that were added bring their own names."""
_KINDS: Final = {RELATION: _label("关系", "Relation"), RELATION_FROM: _label("关系（被）", "Relation, from the other")}
_OPEN: Final = (RELATION, RELATION_FROM)
_LIKE: Final[Mapping[str, str]] = {
    **{prefix + name: name for prefix in (OWNER, PERSON) for name in ("name", "phones", "emails")},
    **{PERSON + name: "birthday" for name in TRAITS_OF_PEOPLE},
    "date.birthday": "birthday",
    "date.wedding": "birthday",
}
"""Fields that are masked as one of a customer's is."""
_OF_ALL: Final = frozenset(PERSON + name for name in ("job", "decides", "pays", "uses", "language", "means", "left_on"))
"""Fields that are sealed with the person, and masked for nobody."""


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
    whose: UUID
    """Whose it is: the customer's, or that of somebody of the store, for whom it is sealed."""
    merged_id: UUID | None = None
    """The merged customer who brought it; None: it is the customer's own."""
    hidden: bool = False
    """Whether it tells of somebody of a store that the reader does not see."""
    masked: bool = False

    def says_personal(self) -> bool:
        """Whether it shows something personal to who may see that."""
        return self.personal and not (self.gone or self.withheld) and like(self.field) is not None


def label_of(field: str, name_zh: str | None, name_en: str | None) -> Label:
    """What a field is called; one of an added kind as the kind is."""
    if name_zh is not None and name_en is not None:
        kind = next((said for prefix, said in _KINDS.items() if field.startswith(prefix)), None)
        return _label(name_zh, name_en) if kind is None else _of_kind(kind, name_zh, name_en)
    return LABELS.get(field) or _label(field, field)


def _of_kind(kind: Label, name_zh: str, name_en: str) -> Label:
    return _label(f"{kind['zh-CN']}：{name_zh}", f"{kind['en']}: {name_en}")


def sees(entry: Entry, seen: Collection[str]) -> bool:
    """Whether somebody who sees these personal fields in full sees so what changed."""
    if entry.hidden:
        return False
    needed = like(entry.field) if entry.personal else None
    return needed is None or needed in seen


def like(field: str) -> str | None:
    """The personal field of a customer's as which one of the history is masked: words, where it is none of the others;
    None: for nobody who reads the history."""
    if field in _OF_ALL or field.startswith(_OPEN):
        return None
    known = _LIKE.get(field, field)
    return known if known in PERSONAL else "words"


def seen_by(entry: Entry, seen: Collection[str]) -> Entry:
    """The change for who sees these personal fields in full."""
    if sees(entry, seen):
        return entry
    before, after = (_veiled(entry.field, value) for value in (entry.before, entry.after))
    return replace(entry, before=before, after=after, masked=True)


def _veiled(field: str, value: Said) -> Any:
    known = like(field)
    veiled = None if known is None else veil(known, value)
    return list(veiled) if isinstance(veiled, tuple) else veiled
