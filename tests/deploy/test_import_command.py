"""`crm import` against a running installation: the form that is said, the preview, and what is listed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from tests.all_in_one import AllInOne
from tests.architecture.source import ROOT


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AllInOne]:
    with AllInOne(tmp_path_factory.mktemp("importing") / "data") as running:
        yield running


def imports(everything: AllInOne, file: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    where = ("--url", everything.url, "--data", str(everything.folder))
    command = [sys.executable, "-m", "crm", "import", str(file), *options, *where]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True)


def test_a_dry_run_shows_how_the_file_is_read(everything: AllInOne, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes("no;name;phones;born\nS-1;谢伟[1];call me;9/7/81\n".encode("gbk"))

    asked = ("--kind", "customers", "--mapping", '{"external_no": "no", "birthday": "born"}', "--dry-run")
    done = imports(everything, file, *asked, "--encoding", "gbk", "--date-format", "d/m/yy")

    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout)
    assert (job["rows_ok"], job["rows_warned"], job["rows_bad"]) == (1, 1, 0)
    assert "谢伟" not in done.stdout
    for shown in ("'gb18030'", "';'", "'D/M/YY'", "谢伟[1]", "1981-07-09", "phones", "cannot be read"):
        assert shown in done.stderr, shown


def test_a_sheet_is_chosen(everything: AllInOne, tmp_path: Path) -> None:
    file = tmp_path / "purchases.xlsx"
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("notes").write(0, 0, "what this is")
        sheet = book.add_worksheet("sales")
        sheet.write_row(0, 0, ["customer_no", "occurred_at"])
        sheet.write_row(1, 0, ["SH-[1]", "2026-10-05"])

    done = imports(everything, file, "--sheet", "sales", "--defaults", '{"amount": "1"}', "--create-customers")
    other = imports(everything, file, "--sheet", "stock", "--dry-run")

    assert (done.returncode, json.loads(done.stdout)["sheet"]) == (0, "sales"), done.stderr
    assert "SH-" not in done.stderr, "a preview is for a dry run"
    assert (other.returncode, json.loads(other.stdout)["error_slug"]) == (1, "no-sheet")


def test_an_ambiguous_file_shows_what_it_says_in_each_encoding(everything: AllInOne, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes("external_no,name\nS-2,Dušan\n".encode("cp1252"))

    done = imports(everything, file, "--kind", "customers", "--dry-run")

    assert done.returncode == 1
    assert "windows-1252: Dušan" in done.stderr
    assert "mac-roman: Duöan" in done.stderr
