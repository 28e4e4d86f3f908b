"""How what passes between people is described: letters, notices, files, the history."""

from typing import Final

from services.complaints.evidence.domain.kinds import MediaType
from shared.vocabulary import Choice, Vocabulary

VOCABULARY: Final = Vocabulary(
    choices={
        "MediaType": Choice(MediaType, "What a content is, judged by itself."),
    },
    words={
        "added_at": "when it was added",
        "added_by": "the staff member who added it; null for the complainant",
        "AddFileForm": "A file to be added to a case.",
        "AddTrackedFileForm": "A file that the complainant adds.",
        "file_id": "the file's id",
        "by_complainant": "whether the complainant added it",
        "EvidenceFileOut.id": "the id of the file (UUIDv7)",
        "EvidenceFileOut.name": "what it was called, without a path",
        "EvidenceFileOut.note": "what whoever added it said of it",
        "media_type": "what it is, by its content",
        "removed_at": "when it was removed: its content is gone; null while it is kept",
        "size": "bytes of the content",
        "FileRemovalIn.reason": "why it has no place in the case; kept sealed",
        "attempts": "how often a provider was tried",
        "LetterOut.channel": "by what it goes: `phone` is a script that somebody reads; null before that is known",
        "language": "in which language it is written",
        "next_at": "when it is looked at next; null when it has ended or goes at this moment",
        "occasion": "why it is written: `first_reply` (after a correction of whom it reaches `first_reply:1`, …), or "
        "`question:` and the id of the entry of the history that asks",
        "planned_at": "when it was planned",
        "provider": "which provider took it",
        "read_at": "when it was read to the complainant",
        "read_by": "the staff member who read it to the complainant",
        "LetterOut.reason": "why it waits, failed or was refused: a code",
        "script": "what is to be read to the complainant; null for what is sent",
        "sent_at": "when a provider took it",
        "LetterOut.state": "what became of it",
        "acknowledged_at": "when it was acknowledged; null before",
        "acknowledged_by": "who acknowledged it: whom it is addressed to, or who does their work; null before",
        "HistoryEntryOut.at": "when it happened; for cases taken over perhaps in the past",
        "deadline": "until when that is demanded",
        "demand": "what is demanded",
        "entered_at": "when it was entered here",
        "HistoryEntryOut.entered_by": "the staff member who entered it; null where nobody of the staff did",
        "HistoryEntryOut.id": "the id of the entry (UUIDv7)",
        "*NoticeOut.id": "the id of the notice (UUIDv7)",
        "issued_at": "when it was issued",
        "issued_by": "the staff member who issued it",
        "superseded_at": "when a later notice took its place, or it was withdrawn; null while it stands",
        "NoticeIn.to": "the staff member whom it is addressed to: from now on the accountable person",
        "ReadNoticeOut.to": "whom it is addressed to",
        "to_id": "whom it is addressed to",
        "what": "what it was: accepted, answered, paused, resumed, resolved, closed, reopened, assigned, noticed, "
        "judged, a step, a satisfaction; of what goes to the complainant first_reply, question_sent, unreached",
    },
)
