"""How customers is described: its tags, its closed lists, and what its fields are."""

from typing import Final, Literal

from services.customers.archive.domain import Sort, SortDirection
from services.customers.cases.domain import CaseStanding
from services.customers.completeness.domain import KeptBy
from services.customers.credit.domain import CreditRating
from services.customers.dates.domain import Calendar, Occasion
from services.customers.erasures.domain import ErasureState
from services.customers.key_accounts.domain.accounts import KeyCriterion
from services.customers.key_accounts.domain.plans import PlanPart, PlanState, RiskKind
from services.customers.key_accounts.domain.results import HowMany, MarginClass, RelationshipLevel
from services.customers.lifecycle.domain import Aim
from services.customers.losses.domain import MainCause
from services.customers.names.domain import NamedKind
from services.customers.offers.domain import OfferReason
from services.customers.opportunities.domain import OpportunityOutcome
from services.customers.outlook.domain import Direction
from services.customers.owed_winbacks.domain import OwedBecause
from services.customers.payments.domain import PaymentFilter
from services.customers.people.domain import Education, Income, Job, Means
from services.customers.prospects.domain import ProspectPursuit, ProspectState
from services.customers.rankings.domain import RankedBy
from services.customers.relations.domain import Way
from services.customers.scheme.domain import Change
from services.customers.segments.domain import Criterion, Dimension, LoyaltyKind
from services.customers.signal_plans.domain import PlanOutcome
from services.customers.signals.domain import SignalSort
from services.customers.standing.domain import ArchiveField
from services.customers.traits.domain import TraitsOf, TraitType
from services.customers.winbacks.domain import EndOfTrying
from shared.settings import ServiceName
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    about="Who the customers are and who serves them: the archive, account teams, purchases, tiers and closed months, "
    "the directory of staff, departments, regions and brands, imports, and the screen-pop.",
    tags={
        "person export": "All that is kept of a person, for themself.",
        "archive": "Customers: stores and persons.",
        "traits": "What a customer is like, and the kinds of traits that were added.",
        "completeness": "How completely archives are kept, and by whom.",
        "screening": "Archives that want cleaning up.",
        "notes": "What colleagues note of a customer.",
        "tags": "Words by which customers are put together.",
        "teams": "Who serves a customer, in which role.",
        "screen-pop": "Who calls, by phone number.",
        "purchases": "Purchases and returns, and their reversals.",
        "lifecycle": "How far a customer has come, and whether it goes.",
        "early warnings": "Who is about to leave, for which reasons.",
        "worth": "What customers are by segment and stage, as it was judged and told; and judging everybody anew.",
        "churn model": "Who still buys, and what is to be expected of them, by models and by a plain rule.",
        "losses": "Customers who are lost: since when, what that costs, how and why they left.",
        "dismissals": "Customers who are not to be kept.",
        "winbacks": "Winning back who has left: by tier, with what may be offered.",
        "segments": "What a customer is by loyalty, credit and size.",
        "rankings": "Which products and brands bring how much, and of how few of them most comes.",
        "tiers": "How much a customer buys: tiers, their policies, closed months, tiers set by hand.",
        "contracts": "Franchise contracts, their ending, and the rules that protect the network of stores.",
        "campaigns": "Straightening out a network: contracts that are to be ended, and how far each is.",
        "shelf": "Which brands a store holds, and how much of its shelf each has.",
        "payments": "Invoices as the ERP tells them, how customers pay, and how much they may owe.",
        "people": "The people of a store: who they are, how they are reached, who decides, who pays, who uses.",
        "dates": "Important dates of customers and of people of stores, by the solar or the lunar calendar.",
        "relations": "Who of the people of stores knows whom, and how.",
        "prospects": "Who may become a customer, where from, and what became of them.",
        "opportunities": "What may be sold to prospects and customers: stage, amount, probability, next step, and the "
        "pipeline of it.",
        "signals": "Who may rise, who weakens, who may go to a competitor.",
        "key accounts": "The customers that are cared for one by one: scores, plans, risks, and what is left of them.",
        "competitors": "Who else sells to our customers, what is seen of them, and who orders there.",
        "ties": "What ties customers: what they would lose by leaving, and until when.",
        "rebates": "Rebates that are agreed, and what of them is earned.",
        "owners": "Who owns stores, and what these buy together.",
        "exports": "Customers, purchases and invoices as files, CSV or XLSX.",
        "imports": "Files of customers, purchases, payments or contracts, CSV or XLSX.",
        "erasures": "Persons who are erased in all services, and the certificates of that.",
        "organisation": "The directory: brands, regions, departments, staff.",
        "scheme": "The scheme (客户管理方案): its parts, its versions, and who has acknowledged them.",
        "names": "What ids stand for.",
        "me": "What waits for the caller.",
        "merging": "Duplicates that become one customer, and two again when they were none.",
        "company": "What letters and pages say about the company.",
    },
    choices={
        "ArchiveField": Choice(
            ArchiveField,
            "What an archive may have: "
            "`name` 名称 name; `phones` 电话 phones; `address` 地址 address; `region_id` 区域 region; "
            "`external_no` 客户编号 number; `emails` 电子邮箱 e-mail; `size_m2` 面积 size in m²; "
            "`staff_count` 员工人数 staff; `opened_on` 开业日期 opening day; `funds` 资金 funds; "
            "`shelf_share` 货架占比 shelf share; `preferences` 偏好 preferences; `needs` 需求 needs; "
            "`owner` 店主 owner; `people` 门店人员 people; `who_decides` 决策人 who decides; "
            "`who_pays` 付款人 who pays; `dates` 重要日期 important dates; `birthday` 生日 birthday; "
            "`credit_limit` 信用额度 credit limit; `invoices` 账单 invoices; `legal_name` 法定名称 legal name; "
            "`licence_no` 统一社会信用代码 licence number; `credit_rating` 信用等级 credit rating.",
        ),
        "CreditRating": Choice(
            CreditRating,
            "How credit is rated, the best first: `AAA` 信用极好 excellent; `AA` 信用优良 very good; "
            "`A` 信用较好 good; `B` 信用一般 fair; `C` 信用欠佳 poor; `D` 信用较差 bad.",
        ),
        "TraitType": Choice(TraitType, "What a kind of trait says: words, a number, yes or no, a day."),
        "TraitsOf": Choice(TraitsOf, "Whose trait it is: that of stores, of persons, of both."),
        "KeptBy": Choice(KeptBy, "Whose archives are put together: those of a person, of a department."),
        "ErasureState": Choice(
            ErasureState,
            "How far an erasure is: done once the certificate is written, nobody where a case is no complainant's.",
        ),
        "ServiceName": Choice(ServiceName, "One of the four services."),
        "PurchaseKind": Choice(Literal["purchase", "return"], "A purchase, or a return of one."),
        "PartChange": Choice(
            Change, "Whether a part of the scheme is new, another version of it holds, or it is gone."
        ),
        "PaymentFilter": Choice(PaymentFilter, "How an invoice stands that was not withdrawn."),
        "Way": Choice(Way, "How a relation looks from one of both."),
        "Occasion": Choice(Occasion, "What comes again each year."),
        "Calendar": Choice(Calendar, "By which calendar a date comes again."),
        "Job": Choice(Job, "What somebody is in a store."),
        "Means": Choice(Means, "By which somebody would rather be reached."),
        "Income": Choice(Income, "What somebody earns: from so much a month on, CNY."),
        "Education": Choice(Education, "The highest school that somebody has ended."),
        "CustomerDirection": Choice(SortDirection, "Which way the customers of a list go."),
        "CustomerSort": Choice(
            Sort,
            "In which order customers are listed: by registration, name, tier, last purchase, what they bought in the "
            "running month, last change.",
        ),
        "NamedKind": Choice(NamedKind, "What an id stands for."),
        "Aim": Choice(Aim, "What is to be reached in a stage."),
        "MainCause": Choice(MainCause, "The main causes for which customers leave; others are finer."),
        "OwedBecause": Choice(OwedBecause, "Why a case is owed: the customer is lost, or warned of."),
        "EndOfTrying": Choice(EndOfTrying, "Whether somebody is back who was tried."),
        "Direction": Choice(
            Direction, "Where the close of the running month would move a customer: up, down or nowhere."
        ),
        "SegmentDimension": Choice(Dimension, "What of a customer is scored."),
        "Criterion": Choice(Criterion, "By what loyalty is rated; tolerance is that of quality incidents."),
        "PlanPart": Choice(PlanPart, "What stands in a plan: a goal, a measure, what we do as its marketing adviser."),
        "PlanState": Choice(PlanState, "How it stands: open, done, dropped."),
        "RiskKind": Choice(
            RiskKind, "Of what a key account is at risk: money, what is earned, who leads it, and so on."
        ),
        "RelationshipLevel": Choice(RelationshipLevel, "How close a relationship is aimed for, from basic on."),
        "MarginClass": Choice(MarginClass, "How much a customer leaves."),
        "HowMany": Choice(HowMany, "How many customers of a tier there are."),
        "KeyCriterion": Choice(KeyCriterion, "By what key accounts are scored."),
        "RankedBy": Choice(RankedBy, "By what products and brands are ranked: what was paid for them, or profit."),
        "LoyaltyKind": Choice(LoyaltyKind, "The kind of loyalty: 垄断 惰性 潜在 方便 价格 激励 超值."),
        "OfferReason": Choice(
            OfferReason,
            "Why to speak of it: a birthday or the store's anniversary within a week, a tier that would be lost in the "
            "last days of the month, the next tier within reach, a brand that is due again.",
        ),
        "SignalSort": Choice(SignalSort, "In which order signals are listed."),
        "PlanOutcome": Choice(PlanOutcome, "What came of a plan that answers a signal."),
        "OpportunityOutcome": Choice(OpportunityOutcome, "How an opportunity came out; open: not yet."),
        "ProspectPursuit": Choice(ProspectPursuit, "Whether a prospect is still pursued."),
        "ProspectState": Choice(ProspectState, "What became of a prospect; converted: a customer."),
        "CaseStanding": Choice(CaseStanding, "How a case stands that is not solved."),
    },
    words={
        "CertificateOut.kind": "who was erased",
        "ErasureOut.kind": "who was erased",
        "TraitKind*.of": "whose trait it is",
        "TraitKind*.type": "what it says",
        "TraitKindIn.code": "its code, which is never changed",
        "TraitsPatch.preferences": "what the customer prefers",
        "TraitsPatch.needs": "what the customer needs",
        "ContractOut.brand_name": "what the brand is called",
        "ContractOut.region_name": "what the region is called",
        "parent_id": "the region in which it lies; null: in none",
        "D": "from nothing on a customer is D",
        "owner_id": "the owner; null: nobody's that is known",
        "CustomerOwnerChanged.from_owner_id": "whose the store was before; null: nobody's that was known",
        "CustomerOwnerChanged.since": "from when on",
        "CustomerOwnerChanged.changed_hands": "whether consents start anew; else an entry was put right",
        "OwnerOut.phones": "in E.164",
        "addresses": "where letters come from, by language",
        "company_id": "the company's id",
        "languages": "what the company writes in, the first by default",
        "line": "the complaint line, day and night, as it is written to complainants",
        "names": "the name, by language",
        "signatories": "who signs in the company's name, in order",
        "titles": "the title or the department, by language",
        "cases": "the customer's cases that are not solved, the earliest due first, up to twenty",
        "avoid": "what not to do: nobody is sold anything while a case is open",
        "complaint_id": "the case; complaints shows it under this id",
        "OpenCaseOut.number": "its number",
        "OpenCaseOut.kind": "what kind of case it is",
        "OpenCaseOut.subject": "what it is about: the code of a subject of complaints",
        "OpenCaseOut.state": "how it stands",
        "OpenCaseOut.recorded_at": "when it was recorded",
        "answer_due_at": "until when its answer is or was due; null while the clock stands",
        "overdue": "whether its answer is late",
        "A": "from this on a customer is A; CNY, average of a month",
        "B": "from this on a customer is B; CNY, average of a month",
        "C": "from this on a customer is C, below it D; CNY, average of a month",
        "TierShare.amount": "what they bought in the month, CNY",
        "announced_on": "the day on which it was entered",
        "birthday": "a person's date of birth",
        "Customer*.address": "where it is: a line of up to 300 characters; masked for those who need not see it",
        "BrandPatch.grade": "the grade; it counts for purchases recorded from now on",
        "MonthClosed.closed_at": "when it was closed",
        "MonthOut.customers": "how many customers count in it",
        "PreviewOut.customers": "how many customers would move",
        "customer": "the customer's archive",
        "Customer*.name": "the customer's name: a store's trading name, a person's own",
        "ScreenPopOut.name": "the customer's name",
        "PreviewOut.moves": "how many customers would move, by from and to: `B>C`",
        "judges_from": "the first month that it judges, YYYY-MM; null when another policy has started by then",
        "MonthOut.changed": "how many standing tiers it moved",
        "emails": "e-mail addresses, up to 20",
        "from": "the tier before",
        "grade_factors": "how much of a purchase counts, by the grade of its brand",
        "high": "factor of purchases of a high-grade brand, above 0 to 100",
        "mid": "factor of purchases of a mid-grade brand, above 0 to 100",
        "masked": "the fields that the caller does not see in full, by role or for the purpose that is stated",
        "close_month.month": "the month to close, YYYY-MM: the first that is still open",
        "TierChangeOut.month": "the closed month that judged, YYYY-MM; null for other causes",
        "opened_on": "the day on which the store opened",
        "Customer*.legal_name": "the name on the licence; a person's is masked for those who need not see it",
        "licence_no": "the unified social credit code (18 characters, the last their check digit), or the number of "
        "another registration; a person's is masked for those who need not see it",
        "Customer*.credit_rating": "how credit is rated; set by managers of customer service and of sales, and by "
        "administration; null: nobody did, or for partners",
        "others": "further customers with the same number",
        "phones": "phone numbers in E.164, up to 20; an extension stands behind as `;ext=12`",
        "policy_id": "the tier policy",
        "purchases": "the latest purchases and returns, newest first",
        "OverrideIn.reason": "why the tier is set by hand, 1 to 2,000 characters",
        "StaffIn.robot": "whose group robot the webhook is; told by a known host, else nobody's unless said",
        "StaffPatch.robot": "whose group robot the webhook is; told by a known host, else nobody's unless said",
        "StaffOut.robot": "whose group robot the webhook is; null: nobody's that is known",
        "secret": "the robot's secret, by which messages to it are signed (DingTalk, Feishu); nobody can read it "
        "again; null: they are not signed",
        "signed": "whether messages to the robot are signed: it has a secret",
        "StaffIn.role": "a role of domain 1, or another code of lower-case letters, digits and underscores",
        "list_staff.role": "only colleagues with this role",
        "list_staff.department_id": "only colleagues of this department",
        "list_customers.tier": "only customers of this tier",
        "list_customers.external_no": "only the customer with this number",
        "set_at": "when it was set",
        "set_by": "the staff member who set it",
        "share": "part of all sales of the month, 0 to 1, with four decimal places",
        "pass_id": "the judging of everybody",
        "dimension": "what of the customer is scored",
        "stage": "the stage of the customer's life, as judged last",
        "stale": "something came in since that no revision has taken up",
        "revision_due_at": "when that is taken up by itself unless more comes or somebody closes; null: not stale",
        "starts_on": "the day from which it holds",
        "PolicyIn.starts_on": "the day from which it holds; today unless said",
        "ScreenPopOut.team": "role → who serves this customer",
        "thresholds": "from which average month total on a customer has a tier",
        "to": "the tier after",
        "total": "the average month that judged, CNY in mid-grade terms",
        "until": "until when it holds",
        "OverrideIn.until": "until when it holds: a moment with its offset, or a day, which means to its end",
        "up_at_once": "whether the running month lifts a customer at once",
        "window_months": "how many months are averaged, 1 to 12",
    },
)
