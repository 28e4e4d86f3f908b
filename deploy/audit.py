"""What the command line says of a service's audit: what was verified, and what is wrong where."""

from typing import Final

from deploy.parking import count_of
from shared.audit_chain import Head
from shared.audit_verification import Finding, Kind, Verified
from shared.settings import ServiceName

WORDS: Final = {
    Kind.ALTERED: "altered: it is not what was chained",
    Kind.DELETED: "deleted",
    Kind.REORDERED: "reordered: another entry stood here",
    Kind.UNCHAINED: "outside of the chain: it came past it, or its link was taken away",
    Kind.CUT: "cut: the chain went on from here to the head that is kept outside",
    Kind.REWRITTEN: "written anew: at the place of the head that is kept outside stands another link",
    Kind.NO_HEAD: "no head is kept outside, so a cut cannot be seen",
}
SHOWN: Final = 100


def told_of_audit(service: ServiceName, verified: Verified) -> str:
    """One line when all is well; else the findings, the first of them."""
    waits = f", {_entries(verified.waiting)} waiting for a link" if verified.waiting else ""
    so_far = f"{service}: {count_of(verified.chained, 'link')}{waits}"
    if not verified.findings:
        return f"{so_far}: whole{_head(verified.head)}"
    lines = [f"{so_far}: {count_of(len(verified.findings), 'finding')}"]
    lines += [f"  {_told_of(finding)}" for finding in verified.findings[:SHOWN]]
    return "\n".join(lines)


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def _head(head: Head | None) -> str:
    if head is None:
        return ""
    renewed = f", renewed by {head.renewed.by}: {head.renewed.reason}" if head.renewed else ""
    return f"; head {head.position} of {head.kept_at:%Y-%m-%d %H:%M:%S} UTC{renewed}"


def _told_of(finding: Finding) -> str:
    place = "" if finding.position is None else f"place {finding.position}"
    entry = "" if finding.entry_id is None else f"entry {finding.entry_id}"
    return f"{', '.join(filter(None, (place, entry))) or 'the chain'} {WORDS[finding.kind]}"
