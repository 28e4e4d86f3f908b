"""How complaints is described: what it is for, its tags, and the words of its groups of capabilities."""

from typing import Final

from services.complaints.words import cases, correspondence, lists, money, promises
from shared.vocabulary import Vocabulary

_SERVICE: Final = Vocabulary(
    about="Cases and their clocks: intake, the seven steps, the four-hour rule with its chain of escalation, working "
    "calendars, satisfaction, and the complainant's own view.",
    tags={
        "person export": "All that is kept of a person, for themself.",
        "intake": "Recording a case.",
        "cases": "One case.",
        "corrections": "Putting right what was entered wrongly.",
        "counters": "How many cases wait, kept in memory.",
        "me": "What the caller has to do, now and as it changes.",
        "notes": "What colleagues write down for each other, never shown to the complainant.",
        "bulk": "The same done with many cases, each by itself.",
        "lists": "The queue and lists of cases, with names, narrowed and ordered as a desk asks.",
        "steps": "A case on its way: answered, resolved, closed, reopened, and the seven steps.",
        "watch": "Taking a case, letting its clocks stand and run again.",
        "clocks": "Every clock of a case.",
        "solutions": "What was proposed as a solution, and its approval by another person.",
        "step roles": "Who may do which step.",
        "replies": "The reply in the company's name, and what the complainant thinks of it.",
        "reply-templates": "What replies are made of: five parts, per channel and language.",
        "printing": "Replies on paper, one or many at a time.",
        "guidance": "How to talk to complainants, and what not to do.",
        "call-backs": "When administration calls complainants back.",
        "compensations": "What is given to complainants, who may settle how much, and whose word is asked for.",
        "commitments": "What employees promise customers, kept or broken, and what can be promised.",
        "confirmations": "Promises outside the rules: confirmed, denied, insisted on, an understanding.",
        "internal": "What departments say of each other, promises that did not hold, and what they cost.",
        "contract measures": "What is done by contract against a store that sells elsewhere or too cheap.",
        "product safety": "Adverse reactions and their reports, batches of products and their alarms.",
        "judgements": "Whether a case is valid, and meant in good faith.",
        "assignment": "Who handles a case, and how cases are given out.",
        "presence": "Who of customer service is there.",
        "notices": "Numbered notices to whom a case is against.",
        "evidence": "The files of a case.",
        "history": "Every movement of a case.",
        "letters": "What the complainant is written, or read: the first reply.",
        "tracking": "The complainant's own view, without a login.",
        "subjects": "What a case can be about.",
        "response clocks": "How long an answer, accepting, a step or the resolution may take.",
        "products": "Who answers for which product.",
        "calendars": "On which hours of which days work is done.",
        "links": "Cases that belong together.",
        "responsibility": "Penalties: proposed by rules, shared, decided, appealed and booked; what rules cost.",
        "ledger": "What people pay and are paid, as it was booked, and the closing of its months.",
        "cost": "What complaints cost, and the figures by which that is reckoned.",
        "complainers": "Who complains much, and again and again.",
    },
)
VOCABULARY: Final = (
    _SERVICE.with_(cases.VOCABULARY)
    .with_(correspondence.VOCABULARY)
    .with_(lists.VOCABULARY)
    .with_(money.VOCABULARY)
    .with_(promises.VOCABULARY)
)
