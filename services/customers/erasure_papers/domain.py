"""The certificate of an erasure as it is set: what was removed where and when, and what stays; it names nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.customers.company.domain import Profile
from shared.errors import Conflict
from shared.languages import Language
from shared.paper.sheet import LetterSheet, complaint_line

_Said = Mapping[Language, str]

_SUBJECT: Final[_Said] = {"zh-CN": "个人信息删除证明", "en": "Certificate of erasure"}
_GREETING: Final[_Said] = {"zh-CN": "致申请人：", "en": "To the person concerned:"}
_WHOSE: Final[_Said] = {
    "zh-CN": "我公司于 {asked_at} 受理了删除个人信息的请求。以下编号所指的{kind}，其个人信息已于 {completed_at} 从"
    "我公司全部系统中删除，该编号不再指向任何人：\n{ids}",
    "en": "On {asked_at} we were asked to erase personal data. Of {kind} numbered as below, all of it was gone "
    "from every system of ours on {completed_at}; this leads to nobody any more:\n{ids}",
}
_KINDS: Final[Mapping[str, _Said]] = {
    "customer": {"zh-CN": "客户", "en": "the customer"},
    "owner": {"zh-CN": "门店业主", "en": "the owner"},
    "contact": {"zh-CN": "门店联系人", "en": "the person of a store"},
    "complainant": {"zh-CN": "投诉案件的投诉人", "en": "the complainant of the case"},
}
_SYSTEMS: Final[Mapping[str, _Said]] = {
    "customers": {"zh-CN": "客户档案", "en": "Customer archive"},
    "complaints": {"zh-CN": "投诉处理", "en": "Complaints"},
    "care": {"zh-CN": "客户关怀", "en": "Customer care"},
    "reporting": {"zh-CN": "统计报表", "en": "Reporting"},
}
_CONFIRMED: Final[_Said] = {"zh-CN": "{system}（{at} 确认）：{what}。", "en": "{system} (confirmed on {at}): {what}."}
_COUNTED: Final[_Said] = {"zh-CN": "{what} {count}\u00a0项", "en": "{what}: {count}"}
_NOTHING: Final[_Said] = {"zh-CN": "未存有任何内容", "en": "nothing was kept there"}
_BETWEEN: Final[_Said] = {"zh-CN": "，", "en": ", "}
REMOVED: Final[Mapping[str, _Said]] = {
    "keys": {"zh-CN": "个人密钥", "en": "keys of their own"},
    "profiles": {"zh-CN": "个人档案", "en": "profiles"},
    "tags": {"zh-CN": "标签", "en": "tags"},
    "words": {"zh-CN": "文字记录", "en": "remarks"},
    "traits": {"zh-CN": "特征资料", "en": "traits"},
    "dates": {"zh-CN": "重要日期", "en": "important dates"},
    "answers": {"zh-CN": "暂存的应答", "en": "kept answers"},
    "contacts": {"zh-CN": "联系方式", "en": "contacts"},
    "contact_traces": {"zh-CN": "联系方式索引", "en": "traces of contacts"},
    "parked_contacts": {"zh-CN": "待处理的联系方式", "en": "contacts that were put aside"},
    "cases": {"zh-CN": "案件内容", "en": "contents of cases"},
    "history": {"zh-CN": "案件经过", "en": "histories of cases"},
    "replies": {"zh-CN": "答复函", "en": "replies"},
    "replies_dropped": {"zh-CN": "未发出的答复函", "en": "replies not sent"},
    "letters_dropped": {"zh-CN": "未发出的信函", "en": "letters not sent"},
    "letter_references": {"zh-CN": "信函的发送编号", "en": "senders' numbers of letters"},
    "reply_references": {"zh-CN": "答复函的发送编号", "en": "senders' numbers of replies"},
    "papers": {"zh-CN": "打印件", "en": "papers"},
    "files": {"zh-CN": "文件说明", "en": "words about files"},
    "file_contents": {"zh-CN": "文件", "en": "files"},
    "traces": {"zh-CN": "检索索引", "en": "traces for search"},
    "promises": {"zh-CN": "承诺", "en": "promises"},
    "promise_reasons": {"zh-CN": "承诺的说明", "en": "reasons of promises"},
    "confirmations": {"zh-CN": "确认记录", "en": "confirmations"},
    "consents": {"zh-CN": "同意与拒绝", "en": "consents"},
    "consent_history": {"zh-CN": "同意的历史", "en": "history of consents"},
    "consent_sheets": {"zh-CN": "同意书", "en": "sheets of consents"},
    "consent_proposals": {"zh-CN": "待确认的同意", "en": "proposed consents"},
    "touch_records": {"zh-CN": "回访记录", "en": "records of visits and calls"},
    "tasks_dropped": {"zh-CN": "未完成的回访", "en": "visits and calls not made"},
    "messages_dropped": {"zh-CN": "未发出的消息", "en": "messages not sent"},
    "messages_emptied": {"zh-CN": "消息内容", "en": "contents of messages"},
}
_LEFT: Final[_Said] = {
    "zh-CN": "我公司仅保留不指向任何人的经营数据：{what}。",
    "en": "What stays is figures of the business that lead to nobody: {what}.",
}
STAYING: Final[Mapping[str, _Said]] = {
    "customer_id": {"zh-CN": "编号", "en": "the number"},
    "external_no": {"zh-CN": "外部编号", "en": "the external number"},
    "region": {"zh-CN": "地区", "en": "the region"},
    "purchases": {"zh-CN": "购买金额", "en": "purchases"},
    "tiers": {"zh-CN": "客户等级", "en": "tiers"},
    "payments": {"zh-CN": "收付款", "en": "payments"},
    "cases_as_figures": {"zh-CN": "案件的统计数字", "en": "cases as figures"},
    "audit": {"zh-CN": "审计记录", "en": "the audit"},
}
_SIGNED: Final[_Said] = {
    "zh-CN": "本证明由系统签发，校验码如下；我公司据此核验其真伪。\n{first}\n{second}",
    "en": "This certificate was issued by our system. By this code we know it as our own:\n{first}\n{second}",
}


class ErasureRunning(Conflict):
    slug = "erasure-running"
    title = "The erasure has no certificate yet"


class NobodyErased(Conflict):
    slug = "nobody-erased"
    title = "There was nobody to erase, so there is no certificate"


class CertificateNotGenuine(Conflict):
    slug = "certificate-not-genuine"
    title = "The certificate does not say what was signed"


def sheet_of(says: Mapping[str, Any], profile: Profile | None, zone: ZoneInfo, language: Language) -> LetterSheet:
    """What a certificate says, on paper."""

    def moment(written: str) -> str:
        return f"{datetime.fromisoformat(written).astimezone(zone):%Y-%m-%d %H:%M}"

    company = profile.names.get(language, "") if profile else ""
    signature = says["signature"]
    whose = _WHOSE[language].format(
        asked_at=moment(says["asked_at"]),
        completed_at=moment(says["completed_at"]),
        kind=_KINDS[says["kind"]][language],
        ids="\n".join([says["person_id"], *says.get("merged_ids", ())]),
    )
    removed = [
        _CONFIRMED[language].format(
            system=system[language],
            at=moment(says["confirmed_at"].get(name, says["asked_at"])),
            what=_removed(says["removed"][name], language),
        )
        for name, system in _SYSTEMS.items()
    ]
    left = _BETWEEN[language].join(_word(STAYING, each, language) for each in says["stays"])
    half = len(signature) // 2
    return LetterSheet(
        number=says["erasure_id"],
        language=language,
        company=company,
        address=profile.addresses.get(language, "") if profile else "",
        line=complaint_line(profile.line, language) if profile else "",
        subject=_SUBJECT[language],
        greeting=_GREETING[language],
        paragraphs=[
            whose,
            *removed,
            _LEFT[language].format(what=left),
            _SIGNED[language].format(first=signature[:half], second=signature[half:]),
        ],
        closing="\n".join(each for each in (company, moment(says["completed_at"])[:10]) if each),
    )


def _removed(counts: Mapping[str, int], language: Language) -> str:
    """What went, and how many of it; the most first."""
    gone = sorted(((count, what) for what, count in counts.items() if count), reverse=True)
    said = [_COUNTED[language].format(what=_word(REMOVED, what, language), count=count) for count, what in gone]
    return _BETWEEN[language].join(said) or _NOTHING[language]


def _word(words: Mapping[str, _Said], what: str, language: Language) -> str:
    """What an older release has written into a certificate is said as it stands there."""
    return words[what][language] if what in words else what
