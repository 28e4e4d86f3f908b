"""How the fields of imports are described."""

from typing import Final

from shared.vocabulary import Vocabulary

VOCABULARY: Final = Vocabulary(
    words={
        "create_customers": "whether unknown numbers become stores named by them",
        "created_at": "when the file was taken in",
        "dry_run": "whether everything is checked and nothing is written",
        "error_slug": "why it failed, for programs; null unless it did",
        "finished_at": "when it ended; null before",
        "ImportOut.kind": "what the rows are",
        "StartImportForm.kind": "what the rows are",
        "StartImportForm": "A file to import, and how it is to be read.",
        "import_id": "the import",
        "progress": "how much of the file is done, 0 to 1",
        "rows_bad": "rows that were refused: `errors` lists them",
        "rows_ok": "rows that were taken",
        "rows_repeated": "rows that stood already",
        "rows_total": "rows read so far; grows while the file is read",
        "ImportOut.state": "how it stands; `failed` has written nothing but its figures and its bad rows",
    },
)
