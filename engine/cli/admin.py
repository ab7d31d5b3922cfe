"""Administration from the server's shell: people, tokens, a look at the machine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from engine import config
from engine.app import create_kapok
from engine.cli.output import format_option, print_json, tell
from engine.domain.actors import SHELL
from engine.domain.administration import ResetPassword, ResetSecondFactor, SetRoles
from engine.domain.commands import AddUser, CreateToken
from engine.domain.permissions import SCOPES
from engine.errors import InvalidInput
from engine.feel import compile_expression
from engine.services.people.identity import hash_password, new_password, new_token
from engine.store import trails


@click.group("user")
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True)
@click.option("--title", help="The name shown to people; default: the sign-in name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@format_option
def user_add(name: str, roles: tuple[str, ...], title: str | None, password_stdin: bool, style: str) -> None:
    """Add an account; a password is made and shown once unless one is given."""
    given = sys.stdin.readline().rstrip("\n") if password_stdin else None
    password = given or new_password()
    _kapok().run(AddUser(name, title or name, roles, hash_password(password), must_change=not given), SHELL)
    tell({"user": name, **({} if given else {"password": password})}, style)


@user.command("role")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="All roles from now on.")
@format_option
def user_role(name: str, roles: tuple[str, ...], style: str) -> None:
    """Give an account these roles and no others."""
    _kapok().run(SetRoles(name, roles), SHELL)
    tell({"user": name, "roles": ", ".join(roles)}, style)


@user.command("reset")
@click.argument("name")
@click.option("--second-factor", is_flag=True, help="Reset the second factor, too.")
@format_option
def user_reset(name: str, second_factor: bool, style: str) -> None:
    """Give an account a new password, shown once and to be changed at the next sign-in."""
    password, kapok = new_password(), _kapok()
    kapok.run(ResetPassword(name, hash_password(password)), SHELL)
    if second_factor:
        kapok.run(ResetSecondFactor(name), SHELL)
    tell({"user": name, "password": password}, style)


@click.group("token")
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--user", "user_name", required=True)
@click.option("--scope", "scopes", multiple=True)
@click.option("--expires", metavar="P30D", help="A duration; default: never.")
@format_option
def token_create(user_name: str, scopes: tuple[str, ...], expires: str | None, style: str) -> None:
    """Make a bearer token; it is shown once."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise InvalidInput(expected=f"scopes out of {', '.join(SCOPES)}", found=", ".join(unknown), where="--scope")
    secret, digest = new_token()
    outcome = _kapok().run(CreateToken(user_name, digest, scopes, _duration(expires)), SHELL)
    tell({"id": outcome["id"], "token": secret}, style)


def _duration(text: str | None) -> timedelta | None:
    if text is None:
        return None
    value = compile_expression("duration(text)").evaluate({"text": text}).value
    if not isinstance(value, timedelta) or value <= timedelta(0):
        raise InvalidInput(expected="a duration such as P30D", found=text, where="--expires")
    return value


@click.command("doctor")
@format_option
def doctor(style: str) -> None:
    """Look at this machine: versions, database, folder, optional helpers."""
    checks = [_check("python", True, sys.version.split()[0]), *(_version(name) for name in (
        "SpiffWorkflow", "SQLAlchemy", "flask", "APScheduler", "marshmallow")), *_database_checks()]
    checks.append(_check("libreoffice", True, shutil.which("soffice") or "not installed: no PDF of documents"))
    checks.append(_check("psycopg", True, "installed" if importlib.util.find_spec("psycopg") else
                         "not installed: only SQLite (pip install 'kapok[postgresql]')"))
    if style == "json":
        print_json({"ok": all(item["ok"] for item in checks), "checks": checks})
    else:
        for item in checks:
            click.echo(f"{'ok ' if item['ok'] else 'BAD'}  {item['check']:<16} {item['found']}")
    sys.exit(0 if all(item["ok"] for item in checks) else 1)


def _check(name: str, ok: bool, found: str) -> dict[str, Any]:
    return {"check": name, "ok": ok, "found": found}


def _version(name: str) -> dict[str, Any]:
    return _check(name, True, importlib.metadata.version(name))


def _database_checks() -> list[dict[str, Any]]:
    try:
        settings = config.from_environment()
        kapok = create_kapok(settings)
    except Exception as error:  # whatever is wrong with it is what the doctor is to say
        return [_check("database", False, str(error))]
    free = shutil.disk_usage(Path(settings.folder)).free
    evidence = _evidence_check(kapok)
    kapok.close()
    return [evidence, _check("database", True, settings.database_url.split("@")[-1]),
            _check("folder", free > 1 << 30, f"{settings.folder.resolve()}, {free // (1 << 20)} MB free")]


def _evidence_check(kapok: Any) -> dict[str, Any]:
    """Triggers guard the evidence everywhere; on PostgreSQL a role of its own for the service guards it once more."""
    if kapok.database.dialect != "postgresql":
        return _check("evidence", True, "guarded by triggers")
    with kapok.database.reading() as connection:
        rights = trails.may_change_evidence(connection)
    found = f"the service's role may {', '.join(rights[:3])} …: see kapok audit grants" if rights else "out of reach"
    return _check("evidence", True, found)


def _kapok() -> Any:
    return create_kapok(config.from_environment())

