"""The embedded database cluster: made once, with one role whose password the owner alone reads."""

import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.postgres_account import Account, CannotStart, give, programs_for

ROLE = "crm"
"""Owns the databases and may create some; the superuser has no password and cannot log in."""

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
"""For the database's programs: none of our own settings and secrets reaches them."""

# The builtin provider orders by code point and keeps its order when the system is updated; trigrams
# still ask the C library which characters are letters, hence its C.UTF-8 too.
_LOCALE = (
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
_ACCESS = f"""\
# Loopback and the private socket, with the password, for the one role.
local all {ROLE} scram-sha-256
host all {ROLE} 127.0.0.1/32 scram-sha-256
"""
# Iterations slow down the guessing of weak passwords; ours has 256 random bits, so that each
# connection can save them.
_SINGLE_USER = ("--single", "-c", "exit_on_error=on", "-c", "scram_iterations=1")
_QUIET = ("-c", "log_min_messages=fatal", "-c", "log_min_error_statement=panic")


def create_cluster(home: Path, account: Account | None, *, durable: bool) -> None:
    """Make `data` and `password` in the folder; a kill in between leaves nothing that counts."""
    for torn in home.glob("initdb-*"):
        shutil.rmtree(torn)
    fresh = Path(tempfile.mkdtemp(prefix="initdb-", dir=home))
    give(fresh, account)
    sync = () if durable else ("--no-sync",)
    refuse = ("--auth-local=reject", "--auth-host=reject", "--no-instructions")
    _run(account, "initdb", "-D", str(fresh), "-U", "postgres", *_LOCALE, *refuse, *sync)
    (fresh / "pg_hba.conf").write_text(_ACCESS)
    password = secrets.token_urlsafe(32)
    _run(
        account,
        "postgres",
        *_SINGLE_USER,
        *_QUIET,
        "-D",
        str(fresh),
        "postgres",
        sql=f"""\
CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'
GRANT pg_monitor TO {ROLE}
""",
    )
    _write_password(home, password)
    fresh.rename(home / "data")


def password_in(home: Path) -> str:
    """The role's password; CannotStart when it was lost."""
    try:
        return (home / "password").read_text()
    except FileNotFoundError:
        raise CannotStart(f"The file {home / 'password'} is missing; bring it back.") from None


def _write_password(home: Path, password: str) -> None:
    file = home / "password"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600, exist_ok=False)
    file.write_text(password)


def _run(account: Account | None, program: str, *arguments: str, sql: str = "") -> None:
    outcome = subprocess.run(  # noqa: S603  the wheel's own programs
        [str(programs_for(account) / program), *arguments],
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        input=sql,
        text=True,
        capture_output=True,
        cwd="/",
        env=ENVIRONMENT,
        check=False,
    )
    if outcome.returncode != 0:
        raise CannotStart(f"{program} failed:\n{outcome.stderr}")
