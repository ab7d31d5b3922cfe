"""The audit trail and evidence from the server's shell: check, export, the bundle of a case."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from engine import config
from engine.app import create_kapok
from engine.cli.output import format_option, print_json
from engine.domain.actors import SHELL
from engine.house import timestamp_authority
from engine.services.proof import audits
from engine.store import trails

writable_file = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("audit")
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@click.option("--export", "bundle", type=writable_file, metavar="FILE",
              help="Write all chains and anchors as one zip that verify.py inside it checks offline.")
@format_option
def audit_verify(bundle: Path | None, style: str) -> None:
    """Check every chain, anchor and countersignature; exit 1 names the first broken entry."""
    kapok = create_kapok(config.from_environment())
    authority = timestamp_authority(kapok.settings)
    with kapok.database.reading() as connection:
        report = audits.verify_all(connection, authority.fault if authority is not None else None)
    if bundle is not None:
        with bundle.open("wb") as out:
            report["manifest_sha256"] = kapok.archive.trail(SHELL, out)
    kapok.runner.audit(SHELL, "VerifyTrail", {"chains": report["chains"], "entries": report["entries"],
                                              "broken": len(report["broken"])})
    kapok.close()
    _tell(report, style)
    sys.exit(1 if report["broken"] else 0)


def _tell(report: dict[str, Any], style: str) -> None:
    if style == "json":
        print_json(report)
        return
    for broken in report["broken"]:
        click.echo(f"{broken['chain']}: entry {broken['seq']}: {broken['reason']}")
    click.echo(f"{report['chains']} chains, {report['entries']} entries, {report['anchors']} anchors, "
               f"{report['timestamps']} countersignatures, {len(report['broken'])} broken")


@audit.command("grants")
@click.argument("role")
def audit_grants(role: str) -> None:
    """SQL for the owner of a PostgreSQL database: the service's role works with it, and cannot change evidence."""
    for statement in trails.grants(role):
        click.echo(statement + ";")


@audit.command("bundle")
@click.argument("case_no")
@click.argument("file", type=writable_file)
@format_option
def audit_bundle(case_no: str, file: Path, style: str) -> None:
    """Write the evidence bundle of a case as one zip that opens and is checked offline."""
    kapok = create_kapok(config.from_environment())
    with file.open("wb") as out:
        digest = kapok.archive.bundle(SHELL, case_no, out)
    kapok.close()
    if style == "json":
        print_json({"file": str(file), "manifest_sha256": digest})
    else:
        click.echo(f"{file}: manifest {digest}")
