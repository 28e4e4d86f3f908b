"""Replies: what is written to complainants in five parts, of which templates, who signs, and how to talk to them; and on
which day after closing they are called back.

Safe on a live database: new tables, a nullable column, and rows in the policies, of which older code knows nothing.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
SERVES = "0009"

_LETTER_ZH: dict[str, Any] = {
    "subject": "关于您的投诉 {number} 的答复",
    "greeting": ["尊敬的{name}：", "尊敬的顾客："],
    "parts": {
        "apology": [
            "您于{recorded_on}反映的“{case_subject}”问题，我们已经查清：这是我们的过错。给您添了麻烦，我们诚恳地向您道歉。"
        ],
        "solution": [
            "我们这样解决：{solution}。此外，为表歉意，我们为您准备了{compensation}，请您收下。",
            "我们这样解决：{solution}。",
        ],
        "respect": ["您直言相告，是对我们的信任。您的意见我们逐字读过，并已用来改进我们的工作。"],
        "good": [
            "您与我们同行已有{years}年，一路的信任与支持，我们始终铭记在心。",
            "您当初选择了我们，这份信任我们一直铭记在心。",
        ],
        "thanks": ["感谢您的指正与宽容。若您仍有不满意之处，请随时拨打投诉热线 {line}，昼夜有人接听。"],
    },
    "closing": ["{company}\n{signatories}\n{today}"],
}
_LETTER_EN: dict[str, Any] = {
    "subject": "Our answer to your complaint {number}",
    "greeting": ["Dear {name},", "Dear customer,"],
    "parts": {
        "apology": [
            "We have looked into what you told us on {recorded_on} ({case_subject}). The mistake was ours, and we "
            "apologise sincerely for the trouble it has caused you."
        ],
        "solution": [
            "This is how we will put it right: {solution}. To show that we mean it, we have set aside for you: "
            "{compensation}. Please accept it.",
            "This is how we will put it right: {solution}.",
        ],
        "respect": [
            "You spoke to us openly, and we take that as a sign of trust. Every word of yours was read, and it has "
            "changed how we work."
        ],
        "good": [
            "You have been with us for {years} years, and we have not forgotten the trust that you have shown us.",
            "You once chose us, and we have not forgotten that trust.",
        ],
        "thanks": [
            "Thank you for telling us, and for your patience. If anything is still not as you wish, call {line}, day "
            "or night."
        ],
    },
    "closing": ["Yours sincerely,\n{company}\n{signatories}\n{today}"],
}
_SPOKEN_ZH: dict[str, Any] = {
    **_LETTER_ZH,
    "greeting": ["{name}，您好，我是{company}的，打扰您了。", "您好，我是{company}的，打扰您了。"],
    "parts": {
        **_LETTER_ZH["parts"],
        "apology": ["您{recorded_on}说的“{case_subject}”的事，是我们做错了，给您添麻烦了，真对不起。"],
        "solution": [
            "我们这样给您解决：{solution}。另外还给您准备了{compensation}，请您一定收下。",
            "我们这样给您解决：{solution}。",
        ],
        "thanks": ["谢谢您肯告诉我们。还有哪里不满意，随时打投诉热线 {line}，白天晚上都有人接。"],
    },
    "closing": ["这样处理，您看满意吗？"],
}
_SPOKEN_EN: dict[str, Any] = {
    **_LETTER_EN,
    "greeting": ["Good day, {name}, this is {company}.", "Good day, this is {company}."],
    "parts": {
        **_LETTER_EN["parts"],
        "apology": [
            "I am calling about what you told us on {recorded_on} ({case_subject}). It was our mistake, and we are sorry."
        ],
    },
    "closing": ["Are you satisfied with that?"],
}
_SMS_ZH: dict[str, Any] = {
    "subject": "投诉 {number}",
    "greeting": ["{name}您好：", "您好："],
    "parts": {
        "apology": ["投诉 {number} 是我们的过错，诚恳致歉。"],
        "solution": ["解决办法：{solution}。另赠{compensation}。", "解决办法：{solution}。"],
        "respect": ["您的意见我们认真听取。"],
        "good": ["感念您{years}年来的信任。", "感念您一直以来的信任。"],
        "thanks": ["谢谢您的指正，热线 {line}。"],
    },
    "closing": ["{company}"],
}
_SMS_EN: dict[str, Any] = {
    "subject": "Complaint {number}",
    "greeting": ["Dear {name},", "Dear customer,"],
    "parts": {
        "apology": ["complaint {number} was our mistake. We are sorry."],
        "solution": ["We will put it right: {solution}. For you: {compensation}.", "We will put it right: {solution}."],
        "respect": ["We take your words seriously."],
        "good": ["We remember {years} years of your trust.", "We remember your trust."],
        "thanks": ["Thank you. Line: {line}."],
    },
    "closing": ["{company}"],
}
_TEMPLATES = {
    "phone": {"zh-CN": _SPOKEN_ZH, "en": _SPOKEN_EN},
    "sms": {"zh-CN": _SMS_ZH, "en": _SMS_EN},
    "email": {"zh-CN": _LETTER_ZH, "en": _LETTER_EN},
    "letter": {"zh-CN": _LETTER_ZH, "en": _LETTER_EN},
}
_STEPS = (
    ("listen", "倾听", "让对方把话说完，不打断、不辩解，边听边记。",
     "Listen", "Let them finish. Do not interrupt and do not defend; take notes."),
    ("apologise", "道歉", "不论原因在谁，先为给对方带来的不愉快真诚道歉。",
     "Apologise", "Whoever is at fault, say first that you are sorry for what they went through."),
    ("say_back", "复述", "用自己的话把事情复述一遍，请对方确认没有误解。",
     "Say it back", "Tell in your own words what happened, and ask whether you have understood it."),
    ("understand", "体谅", "说出对方的感受，让对方知道您明白这件事对他意味着什么。",
     "Show you understand", "Name what they feel, and let them know that you see what it means to them."),
    ("make_good", "补救", "当场给出做得到的办法和时限；超出权限的，说明由谁、何时答复。",
     "Make good", "Offer what you can keep, with a time. What is beyond you: say who answers, and by when."),
    ("make_sure", "确认满意", "问一句是否满意，还有什么没有解决，并约定回访。",
     "Make sure", "Ask whether they are satisfied and what is still open, and agree on a call back."),
)  # fmt: skip
_REACTIONS: tuple[tuple[str, str, str, list[str], list[str], str, str, list[str], list[str]], ...] = (
    ("apology_only", "只道歉", "道歉之后必须说怎样解决、何时解决。", ["抱歉", "对不起", "道歉", "致歉"],
     ["解决", "退", "换", "赔", "补", "处理"],
     "Apology only", "After the apology say how it will be solved, and by when.", ["sorry", "apologise", "apologize"],
     ["put it right", "solve", "replace", "refund", "exchange", "repair", "will "]),
    ("blaming", "怪罪顾客", "不追究顾客的对错，只说我们能做什么。",
     ["您自己", "是您没", "您应该", "您没有按", "使用不当", "您误会"], [],
     "Blaming the customer", "Leave open who was right; say what we do.",
     ["your own fault", "you should have", "you did not follow", "you misunderstood", "you used it wrongly"], []),
    ("unkept_promise", "空头承诺", "只承诺做得到的事，并写明日期。", ["尽快", "马上就", "很快", "绝对保证", "一定会让您"],
     ["日前", "小时内", "天内", "点前"],
     "Promises that are not kept", "Promise what you can keep, with its day.",
     ["as soon as possible", "shortly", "very soon", "absolutely guarantee"], ["by the ", "within ", "before "]),
    ("silence", "不回应", "每一个问题都要有答复；暂时没有结果的，说明何时有。", ["无可奉告", "不便答复", "无法答复", "不予回复"], [],
     "Silence", "Every question has an answer; where there is none yet, say when there will be.",
     ["no comment", "cannot comment", "nothing to say"], []),
    ("rudeness", "无礼", "任何时候都客气，不讽刺，不教训。", ["无理取闹", "胡说", "荒唐", "可笑", "少来", "爱信不信"], [],
     "Rudeness", "Stay courteous whatever is said; no irony, no lecture.",
     ["ridiculous", "nonsense", "absurd", "calm down"], []),
    ("dodging", "推诿", "接到投诉的人就是负责到底的人，不让顾客再找别人。",
     ["不归我", "与我们无关", "不是我们的责任", "不是我们的问题", "请您联系别", "找其他部门", "公司规定"], [],
     "Dodging", "Whoever hears the complaint sees it through; nobody is sent on.",
     ["not our responsibility", "not our fault", "another department", "company policy", "nothing to do with us"], []),
    ("body_language", "拒绝的神态", "面对面时正对对方、目光平视、放下手里的事；文字里看不出来。", [], [],
     "Rejecting body language", "Face them, look at them, put down what you hold. A text does not show it.", [], []),
    ("interrogating", "盘问", "只问解决问题所需要的，问之前先说明为什么问。",
     ["为什么不早", "凭什么", "您怎么证明", "有证据吗", "怎么可能", "您确定"], [],
     "Interrogating", "Ask what is needed to solve it and no more; say first why you ask.",
     ["why did you not", "why didn't you", "can you prove", "are you sure", "what proof"], []),
)  # fmt: skip
_KINDS = (
    ("emotional", "情绪激动的人", "先处理心情，再处理事情：请到安静处坐下，让对方说完，多体谅、少解释，心平之后再谈办法。",
     "Who is carried away by feeling", "First the feeling, then the matter: a quiet place, let them finish, understand more "
     "than you explain, and speak of solutions when they are calm."),
    ("insisting", "固执己见的“行家”", "尊重对方的见识，请教其看法，用事实、样品和检测报告说话，给对方留台阶，不争输赢。",
     "Who insists on being right, the expert", "Respect what they know and ask their view; let facts, samples and tests speak; "
     "leave them a way back, and win no argument."),
    ("malicious", "恶意或职业投诉人", "礼貌而坚定：留存证据，书面往来，按规定答复，不私下许诺；由管理人员接手，必要时请法务。",
     "Who complains for gain or harm", "Polite and firm: keep the evidence, write instead of talking, answer by the rules, "
     "promise nothing in private; a manager takes over, with counsel where it is needed."),
)  # fmt: skip


def _guidance(language: str) -> dict[str, list[dict[str, object]]]:
    chinese = language == "zh-CN"
    return {
        "steps": [
            {"code": c, "title": z if chinese else e, "text": zt if chinese else et} for c, z, zt, e, et in _STEPS
        ],
        "reactions": [
            {"code": c, "title": z, "text": zt, "signs": zs, "unless": zu}
            if chinese
            else {"code": c, "title": e, "text": et, "signs": es, "unless": eu}
            for c, z, zt, zs, zu, e, et, es, eu in _REACTIONS
        ],
        "kinds": [
            {"code": c, "title": z if chinese else e, "text": zt if chinese else et} for c, z, zt, e, et in _KINDS
        ],
    }


def upgrade() -> None:
    op.execute("CREATE TABLE company (id uuid PRIMARY KEY, profile jsonb NOT NULL)")
    op.execute("ALTER TABLE customer_ref ADD COLUMN registered_at timestamptz")
    op.execute(
        """
        CREATE TABLE reply_letter (
            id uuid PRIMARY KEY,
            complaint_id uuid NOT NULL REFERENCES complaint (id),
            round smallint NOT NULL,
            asked text,
            channel text,
            language text NOT NULL,
            state text NOT NULL,
            reason text,
            attempts integer NOT NULL DEFAULT 0,
            sealed bytea NOT NULL,
            template_version integer,
            written_at timestamptz NOT NULL,
            written_by uuid NOT NULL,
            expires_at timestamptz NOT NULL,
            next_at timestamptz,
            lease_until timestamptz,
            lease_holder uuid,
            provider text,
            reference text,
            ended_at timestamptz,
            ended_by uuid
        )
        """
    )
    op.execute("CREATE INDEX reply_letter_case ON reply_letter (complaint_id, id)")
    op.execute("CREATE INDEX reply_letter_due ON reply_letter (next_at) WHERE next_at IS NOT NULL")
    op.execute("CREATE INDEX reply_letter_leased ON reply_letter (lease_until) WHERE state = 'sending'")
    op.execute("CREATE INDEX reply_letter_to_print ON reply_letter (id) WHERE state = 'to_print'")
    _first("call_backs", 4, {"days": 3})
    _first("reply_templates", 5, _TEMPLATES)
    _first("reply_guidance", 6, {each: _guidance(each) for each in ("zh-CN", "en")})


def _first(policy: str, number: int, definition: dict[str, Any]) -> None:
    op.get_bind().execute(
        sa.text(
            """
            INSERT INTO case_policy (policy, version, id, definition, starts_at, created_at) VALUES
            (:policy, 1, CAST(:id AS uuid), CAST(:definition AS jsonb), '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z')
            """
        ),
        {
            "policy": policy,
            "id": f"01900000-0000-7000-8000-0000000000e{number}",
            "definition": json.dumps(definition, ensure_ascii=False),
        },
    )


def downgrade() -> None:
    op.execute("DELETE FROM case_policy WHERE policy IN ('call_backs', 'reply_templates', 'reply_guidance')")
    op.execute("DROP TABLE reply_letter")
    op.execute("ALTER TABLE customer_ref DROP COLUMN registered_at")
    op.execute("DROP TABLE company")
