"""What the complainant's page says, in Chinese and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from shared.languages import Language

Done: TypeAlias = Literal["words", "satisfaction", "file"]


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The words of the page in one language."""

    switch: str
    """To the other language, in that language."""
    title: str
    number: str
    state: str
    states: Mapping[str, str]
    recorded: str
    deadline: str
    no_deadline: str
    overdue: str
    wish: str
    no_wish: str
    words: str
    words_hint: str
    send: str
    files: str
    files_hint: str
    file: str
    note: str
    upload: str
    file_refused: str
    satisfaction: str
    perceived: str
    expected: str
    scale: str
    remark: str
    judge: str
    done: Mapping[Done, str]
    unknown: str
    ended: str
    too_many: str
    judged: str
    invalid: str
    back: str
    zone: str


TEXTS: Final[Mapping[Language, PageTexts]] = {
    "zh-CN": PageTexts(
        switch="English",
        title="您的投诉",
        number="编号",
        state="进度",
        states={
            "open": "处理中",
            "answered": "已答复",
            "resolved": "已解决",
            "closed": "已办结",
            "reopened": "重新处理中",
        },
        recorded="登记时间",
        deadline="下一个时限",
        no_deadline="目前没有待到期的时限",
        overdue="我们没有按时答复，非常抱歉。此事已上报负责人。",
        wish="您的要求",
        no_wish="未填写",
        words="补充说明",
        words_hint="您的话会原样记入本案，我们的工作人员会看到。",
        send="提交补充",
        files="上传证据",
        files_hint="照片、录音、视频或 PDF，每个文件最大 {size} MB。",
        file="选择文件",
        note="文件说明（可不填）",
        upload="上传",
        file_refused="这个文件不能接收：请上传照片、录音、视频或 PDF，每个最大 {size} MB，文件内容须与文件名一致。",
        satisfaction="您满意吗？",
        perceived="您实际感受到的服务",
        expected="您原本期望的服务",
        scale="1 分最低，10 分最高",
        remark="您想说的话（可不填）",
        judge="提交评价",
        done={
            "words": "已收到您的补充，谢谢。",
            "file": "文件已收到，谢谢。",
            "satisfaction": "已收到您的评价，谢谢。",
        },
        unknown="没有找到这个链接对应的投诉。请完整复制消息中的链接。",
        ended="此案已办结，链接已过有效期。如仍有需要，请拨打投诉热线 {line}。",
        too_many="请求过于频繁，请稍后再试。",
        judged="现在不能评价：尚未答复，或本轮已评价过。",
        invalid="内容不完整或过长，请检查后再提交。",
        back="返回",
        zone="时间均为 {zone} 时间",
    ),
    "en": PageTexts(
        switch="中文",
        title="Your complaint",
        number="Number",
        state="Progress",
        states={
            "open": "being worked on",
            "answered": "answered",
            "resolved": "resolved",
            "closed": "closed",
            "reopened": "being worked on again",
        },
        recorded="Recorded",
        deadline="Next deadline",
        no_deadline="none at the moment",
        overdue="We have not answered in time, and we are sorry. Those responsible have been told.",
        wish="What you asked for",
        no_wish="nothing was noted",
        words="Add something",
        words_hint="Your words become part of the case as you write them; our staff read them.",
        send="Send",
        files="Add evidence",
        files_hint="Pictures, recordings, videos or PDF, {size} MB a file at most.",
        file="File",
        note="What it shows (optional)",
        upload="Upload",
        file_refused="This file cannot be taken: send a picture, a recording, a video or a PDF of {size} MB at most, "
        "named as what it is.",
        satisfaction="Are you satisfied?",
        perceived="How you were served",
        expected="What you had expected",
        scale="1 is least, 10 is most",
        remark="What you would like to say (optional)",
        judge="Send",
        done={
            "words": "We have received what you added, thank you.",
            "file": "We have received your file.",
            "satisfaction": "Thank you for your judgement.",
        },
        unknown="No complaint belongs to this link. Copy it whole from the message.",
        ended="This case is closed and the link has ended. If you still need us, call the complaint line: {line}.",
        too_many="Too many requests; please try again in a moment.",
        judged="It cannot be judged now: it is not answered yet, or you have judged this round.",
        invalid="Something is missing or too long; please look again.",
        back="Back",
        zone="Times are those of {zone}",
    ),
}
