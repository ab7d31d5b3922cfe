"""Keeping the house: backups, and the keys of what is sealed at rest."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine import config
from engine.app import create_kapok
from engine.cli.output import existing_file, format_option, print_json
from engine.clock import SystemClock
from engine.domain.actors import SHELL
from engine.house import master_ring, shelf_of
from engine.services.proof import audits, backups, keys
from engine.store import migrate
from engine.store.database import Database


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@format_option
def backup_command(file: Path, style: str) -> None:
    """Write all rows of one instant and all files into one zip. The master keys are not in it: keep them apart."""
    kapok = create_kapok(config.from_environment())
    partial = file.with_name(file.name + ".part")
    with partial.open("wb") as out:
        manifest = backups.write(kapok.database, kapok.parts.files.shelf, kapok.clock.now(), out)
    partial.replace(file)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    kapok.runner.audit(SHELL, "Backup", {"rows": rows, "masters": manifest["masters"]})
    kapok.close()
    said = {"file": str(file), "rows": rows, "files": len(manifest["sha256"]) - len(manifest["tables"]),
            "master_keys": manifest["masters"]}
    _tell(said, style)


@click.command("restore")
@click.argument("file", type=existing_file)
@format_option
def restore_command(file: Path, style: str) -> None:
    """Read a backup into an empty database and an empty storage of files, then check the audit trail.

    Exit 1 names what is broken.
    """
    settings = config.from_environment()
    database = Database(settings.database_url)
    database.require_reachable()
    migrate.upgrade(database)
    manifest = backups.read_in(database, shelf_of(settings), master_ring(settings, make=False), file)
    database.close()
    kapok = create_kapok(settings)
    kapok.runner.audit(SHELL, "Restore", {"made_at": manifest["made_at"]})
    with kapok.database.reading() as connection:
        report = audits.verify_all(connection)
    kapok.close()
    rows = sum(table["rows"] for table in manifest["tables"].values())
    _tell({"rows": rows, "made_at": manifest["made_at"], "broken": report["broken"]}, style)
    sys.exit(1 if report["broken"] else 0)


@click.group("keys")
def keys_group() -> None:
    """Keys of what is sealed at rest."""


@keys_group.command("rotate")
@format_option
def keys_rotate(style: str) -> None:
    """Make a new master key and wrap all data keys by it; no content is written anew."""
    settings = config.from_environment()
    kapok = create_kapok(settings)
    national = settings.national_crypto
    ring = keys.with_new_master(master_ring(settings), national)
    files = kapok.parts.files.wrap_anew(ring)
    with kapok.database.writing() as connection:
        columns = keys.wrap_anew(connection, ring)
        keys.add_data_key(connection, ring, national, SystemClock().now())
    kapok.runner.audit(SHELL, "RotateKeys", {"master": ring.present.id, "files": files, "columns": columns})
    kapok.close()
    _tell({"master": ring.present.id, "files": files, "columns": columns}, style)


def _tell(value: dict[str, object], style: str) -> None:
    if style == "json":
        print_json(value)
        return
    for name, item in value.items():
        click.echo(f"{name}: {item}")
