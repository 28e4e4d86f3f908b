"""The command line: `python -m crm …`.

What a command needs is imported by the command: the demo or a token should not wait for four services to load.
"""

import getpass
import json
import subprocess
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import httpx
import typer

from deploy.embedded_postgres import CannotStart
from deploy.keys import Keys
from deploy.refusals import AlreadyRunning, Damaged, NotConfigured
from deploy.seed import ADMIN_ID, PARTNER_ID, kept_staff
from shared.auth.principal import ADMIN, ALL_ROLES, PARTNER
from shared.auth.tokens import EmbeddedIssuer
from shared.errors import DomainError
from shared.settings import SERVICES, ServiceName, Settings
from shared.standing import SchemaTooNew
from shared.storage.port import StorageFault

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
parking_app = typer.Typer(no_args_is_help=True, help="Events that failed for good and wait for a person.")
app.add_typer(parking_app, name="parking")
audit_app = typer.Typer(no_args_is_help=True, help="Who did or looked up what, and whether that still stands.")
app.add_typer(audit_app, name="audit")
keys_app = typer.Typer(no_args_is_help=True, help="Keys of persons, and the master keys that wrap them.")
app.add_typer(keys_app, name="keys")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"crm {version('crm')}")
        raise typer.Exit


@app.callback()
def crm(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="says it and ends")
    ] = False,
) -> None:
    """The customer-care backend."""


Data = Annotated[Path, typer.Option(help="where the all-in-one mode keeps everything")]
Service = Annotated[ServiceName, typer.Argument()]
DATA = Path(".data")
T = TypeVar("T")


@app.command()
def run(port: int = 8000, host: str = "127.0.0.1", data: Data = DATA) -> None:
    """Starts everything all in one: four services, PostgreSQL, the bus inside."""
    from deploy import all_in_one

    _run(all_in_one.run(data, host, port))


@app.command()
def serve(
    service: Service,
    role: Annotated[Literal["api", "worker"], typer.Argument()],
    host: str = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="api: 8000 unless given; worker: health and metrics")] = None,
) -> None:
    """Runs one service as a process of its own, on Kafka and its database."""
    from deploy import process

    _run(process.serve(service, role, host=host, port=port))


@app.command()
def migrate() -> None:
    """Brings every database that has a CRM_DATABASE_URL_<SERVICE> to the newest migration."""
    from deploy import administration

    migrated = _run(administration.migrate())
    typer.echo(f"migrated: {', '.join(migrated)}")


@app.command()
def token(
    role: str = ADMIN,
    subject: Annotated[str | None, typer.Option(help="staff id; the seeded one of the role unless given")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650)] = 30,
    data: Data = DATA,
    jwks: Annotated[bool, typer.Option(help="print the public keys instead, for CRM_JWKS_URL=file:…")] = False,
) -> None:
    """Prints a token of the embedded issuer, whose keys lie under the data folder."""
    issuer = EmbeddedIssuer(Settings(), Keys.kept_in(data).signing)
    if jwks:
        typer.echo(json.dumps(issuer.public_keys.as_dict(private=False)))
        return
    if role not in ALL_ROLES:
        raise NotConfigured(f"{role} is no role; there are: {', '.join(ALL_ROLES)}")
    typer.echo(issuer.issue(_subject(role, subject, data), [role], seconds=days * 86_400))


def _subject(role: str, given: str | None, data: Path) -> UUID:
    known = {ADMIN: str(ADMIN_ID), PARTNER: str(PARTNER_ID)}
    known.update({code: str(staff_id) for code, staff_id in kept_staff(data / "staff.json").items()})
    if given is None and role not in known:
        raise NotConfigured(f"name the staff member: --subject with the id of a {role}")
    return UUID(given or known[role])


@app.command("export-person")
def export_person(
    person: Annotated[str, typer.Argument(help="the id of a customer, an owner, somebody of a store, or a case")],
    out: Annotated[Path, typer.Argument(help="the ZIP to write", dir_okay=False)],
    url: str = "http://127.0.0.1:8000",
    bearer: Annotated[str | None, typer.Option("--token", help="the admin token of the data folder otherwise")] = None,
    data: Data = DATA,
) -> None:
    """Writes all that the four services keep of a person into one archive; each service enters it in its audit."""
    from deploy.person_export import export_through_api

    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {bearer or _kept_token(data)}"}) as http:
        out.write_bytes(export_through_api(http, UUID(person)))
    typer.echo(str(out))


@app.command("import")
def import_file(  # noqa: PLR0917  options of a command line
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    kind: Annotated[
        Literal["customers", "purchases", "payments", "contracts", "contacts"], typer.Option()
    ] = "purchases",
    mapping: Annotated[str, typer.Option(help='our field to column, as JSON: {"customer_no": "store"}')] = "{}",
    defaults: Annotated[str, typer.Option(help="our field to the value where the file has none, as JSON")] = "{}",
    encoding: Annotated[str | None, typer.Option(help="utf-8, gb18030, …; looked for otherwise")] = None,
    date_format: Annotated[str | None, typer.Option(help="such as DD/MM/YYYY, where the year is not in front")] = None,
    sheet: Annotated[str | None, typer.Option(help="of a workbook; the first one to be seen otherwise")] = None,
    dry_run: Annotated[bool, typer.Option(help="check everything, write nothing, show how the file is read")] = False,
    create_customers: bool = False,
    url: str = "http://127.0.0.1:8000",
    bearer: Annotated[str | None, typer.Option("--token", help="the admin token of the data folder otherwise")] = None,
    data: Data = DATA,
) -> None:
    """Imports a CSV or XLSX file through the API and shows its progress; the job as JSON is all that goes to stdout."""
    from rich.console import Console

    from deploy.importing import import_through_api, show

    console = Console(stderr=True)
    said = {"kind": kind, "mapping": mapping, "defaults": defaults}
    said |= {"dry_run": str(dry_run).lower(), "create_customers": str(create_customers).lower()}
    form = {"encoding": encoding, "date_format": date_format, "sheet": sheet}
    said |= {name: value for name, value in form.items() if value is not None}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {bearer or _kept_token(data)}"}) as http:
        job = import_through_api(http, file, said, console)
        show(http, job, console)
    typer.echo(json.dumps({name: job[name] for name in job if name != "preview"}, indent=2, ensure_ascii=False))
    if job["state"] != "done":
        sys.exit(1)


def _kept_token(data: Path) -> str:
    return _kept_tokens(data)[ADMIN]


def _kept_tokens(data: Path) -> dict[str, str]:
    """The ready tokens by role."""
    tokens = data / "tokens.json"
    if not tokens.exists():
        raise NotConfigured(
            f"there is no {tokens}: start everything with `make run` first, or name its folder with --data"
        )
    try:
        kept = {str(role): str(token) for role, token in json.loads(tokens.read_text()).items()}
        return {ADMIN: kept[ADMIN]} | kept
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Damaged(f"{tokens} is damaged: the next start of `crm run` writes it anew") from fault


@app.command()
def demo(size: str = "small", url: str = "http://127.0.0.1:8000", data: Data = DATA) -> None:
    """Builds a believable franchise network through the public API and tells the main story."""
    from deploy.demo.story import tell

    tell(url, _kept_tokens(data), size)


@app.command()
def live(
    pace: Annotated[float, typer.Option(min=0.1, max=600, help="things a minute")] = 20,
    seconds: Annotated[float | None, typer.Option(min=0, help="ends by itself after so long")] = None,
    url: str = "http://127.0.0.1:8000",
    data: Data = DATA,
) -> None:
    """Keeps a network going with orders, visits, complaints and answers until Ctrl-C."""
    from deploy.demo.live import keep_going

    keep_going(url, _kept_token(data), pace, seconds)


@app.command()
def replay(service: Service, data: Data = DATA) -> None:
    """Offers a service every event again: what it has done stays done, what it missed is made good."""
    from deploy import administration

    _run(administration.read_again(service, data))
    typer.echo(f"{service} reads the log from the beginning")


@app.command("tell-contacts")
def tell_contacts(data: Data = DATA) -> None:
    """Tells every contact again, sealed under the present key: after the release that seals them, or a new key."""
    from deploy import administration

    typer.echo(f"contacts told again: {_run(administration.tell_contacts_again(data))}")


@app.command()
def rebuild(service: Annotated[Literal["reporting"], typer.Argument()], data: Data = DATA) -> None:
    """Empties a service's projections and fills them again from the log."""
    from deploy import administration

    rebuilt = _run(administration.rebuild(data, getpass.getuser()))
    typer.echo(f"{service} is being rebuilt from the log")
    if rebuilt.events:
        typer.echo(
            f"parked before: {rebuilt.events} (keys: {rebuilt.keys}); they are offered again in their order;"
            f" what fails again is parked again and missing in the reports: crm parking list {service}"
        )


@app.command()
def backup(
    to: Annotated[Path, typer.Option(help="a new folder")],
    services: Annotated[list[str] | None, typer.Argument(help="all four unless named")] = None,
    data: Data = DATA,
) -> None:
    """Writes a backup of the services' databases, each of one moment; they may run on."""
    from deploy.backup import back_up

    for manifest in _run(back_up(_named(services), data, to)):
        typer.echo(f"{manifest.service}: {manifest.rows} rows at revision {manifest.revision}, {manifest.taken_at}")
    typer.echo(f"written to {to}; keep the master key elsewhere, without it sealed data cannot be read")


@app.command()
def restore(
    from_: Annotated[Path, typer.Option("--from", help="the folder of a backup")],
    services: Annotated[list[str] | None, typer.Argument(help="all four unless named")] = None,
    data: Data = DATA,
) -> None:
    """Makes the services' databases what they were at a backup, and begins a new epoch of their logs."""
    from deploy.restore import restore as restore_services

    for restored in _run(restore_services(_named(services), data, from_)):
        was = restored.manifest
        typer.echo(f"{was.service}: as of {was.taken_at}, {was.rows} rows; epoch {restored.epoch} begins")
        for forgotten in restored.forgotten:
            about = ", ".join(map(str, forgotten.subjects))
            typer.echo(f"  {forgotten.reader} has seen {forgotten.events} events that are gone, about {about}")
    typer.echo("how to make the others level: docs/operating.md, Restore")


def _named(services: list[str] | None) -> list[ServiceName]:
    if strange := set(services or ()) - set(SERVICES):
        raise NotConfigured(f"{', '.join(sorted(strange))} is no service; there are: {', '.join(SERVICES)}")
    return [service for service in SERVICES if not services or service in services]


@parking_app.command("list")
def list_parked(
    service: Annotated[ServiceName | None, typer.Argument()] = None,
    as_json: Annotated[bool, typer.Option("--json", help="a JSON line for each event instead")] = False,
    data: Data = DATA,
) -> None:
    """Says what is parked, where, since when and why; never the content."""
    from deploy import administration
    from deploy.parking import told_of_parked

    for name in [service] if service else SERVICES:
        rows = _run(administration.parked(name, data))
        for line in [json.dumps({"service": name, **row}, default=str) for row in rows] if as_json else ():
            typer.echo(line)
        if not as_json:
            typer.echo(told_of_parked(name, rows))


@parking_app.command("replay")
def replay_parked(service: Service, key: str | None = None, data: Data = DATA) -> None:
    """Gives parked events their effect, in order per key; exit code 1 when some failed again."""
    from deploy import administration
    from deploy.parking import told_of_replay

    outcomes, released = _run(administration.replay_parked(service, data, getpass.getuser(), key))
    typer.echo(told_of_replay(service, outcomes, released))
    if any(outcome.left for outcome in outcomes):
        sys.exit(1)


@parking_app.command("discard")
def discard_parked(
    service: Service,
    reason: Annotated[str, typer.Option(help="why; it is kept, so name no customer")],
    numbers: Annotated[list[int] | None, typer.Argument(help="as `crm parking list` shows them")] = None,
    key: Annotated[str | None, typer.Option(help="instead of numbers: all that waits of this key")] = None,
    data: Data = DATA,
) -> None:
    """Gives parked events up: they never have their effect. Entered with your name and the reason."""
    from deploy import administration
    from deploy.parking import count_of

    if bool(numbers) == (key is not None):
        raise NotConfigured("say which: numbers as `crm parking list` shows them, or --key")
    gone = _run(administration.discard(service, data, getpass.getuser(), reason, numbers or [], key))
    typer.echo(f"{count_of(len(gone), 'event')} discarded; what waits behind goes on by: crm parking replay {service}")


@audit_app.command("verify")
def verify_audit(service: Annotated[ServiceName | None, typer.Argument()] = None, data: Data = DATA) -> None:
    """Finds altered, deleted, reordered and cut entries, of all services unless one is named; exit code 1 for any."""
    from deploy import administration
    from deploy.audit import told_of_audit

    found = False
    for name in [service] if service else SERVICES:
        verified = _run(administration.verify_audit(name, data))
        typer.echo(told_of_audit(name, verified))
        found = found or bool(verified.findings)
    if found:
        sys.exit(1)


@audit_app.command("renew")
def renew_audit(
    service: Service,
    reason: Annotated[str, typer.Option(help="why, such as a restore; it is kept with the head")],
    data: Data = DATA,
) -> None:
    """Keeps the present head outside where the kept one holds no longer: after a restore, when it is clear why."""
    from deploy import administration

    before = _run(administration.renew_audit(service, data, getpass.getuser(), reason))
    if before is None:
        typer.echo(f"{service}: the head that is kept outside holds; nothing is renewed")
    else:
        typer.echo(f"{service}: the head {before.position} is replaced; what it was stands in the new one")


@keys_app.command("show")
def show_keys(data: Data = DATA) -> None:
    """Says which master key has wrapped the keys of how many persons; one that has wrapped none may go."""
    from deploy import administration

    _tell_wrapped(_run(administration.wrapped_keys(data)))


@keys_app.command("rotate")
def rotate_keys(data: Data = DATA) -> None:
    """Wraps the keys of persons by the present master key, while requests go on; it may be stopped and run again."""
    from deploy import administration

    given, wrapped = _run(administration.rotate_keys(data))
    typer.echo(f"persons who had no key of their own: {given}")
    _tell_wrapped(wrapped)


def _tell_wrapped(wrapped: dict[str, int]) -> None:
    for id_, persons in wrapped.items():
        typer.echo(f"{id_}: wraps {persons} keys of persons")


def _run(work: Coroutine[Any, Any, T]) -> T:
    import uvloop

    return uvloop.run(work)


def main() -> None:
    """Entry point; a refusal is one clear line and exit code 2.

    Whatever nobody expected is logged by its place, without its text, and is exit code 1.
    """
    try:
        app()
    except (
        NotConfigured,
        AlreadyRunning,
        Damaged,
        CannotStart,
        SchemaTooNew,
        StorageFault,
        DomainError,
        ValueError,
        OSError,
        subprocess.SubprocessError,
        httpx.HTTPError,
    ) as refusal:
        typer.echo(f"crm: {refusal}", err=True)
        sys.exit(2)
    except Exception as fault:
        import structlog

        from shared.telemetry import configure_logging, log

        if not structlog.is_configured():
            configure_logging()
        log("process").error("ended by a fault", fault=type(fault).__name__, exc_info=fault)
        sys.exit(1)
