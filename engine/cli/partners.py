"""Partners from the server's shell: who they are, their keys, a sandbox of one. What needs two persons on screen is
done alone here, and audited as such."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click

from engine import config
from engine.app import Kapok, create_kapok
from engine.cli.output import format_option, print_json, tell
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey
from engine.domain.wire_commands import OVERLAP, AddPartnerKey, ChangePartner, RevokePartnerKey
from engine.errors import InvalidInput
from engine.services.wire.keys import ALGORITHMS, made_keys, shown
from webhooks.sandbox.__main__ import main as sandbox_main
from webhooks.signature import HMAC_SHA256

algorithm_option = click.option("--algorithm", type=click.Choice(ALGORITHMS), default=HMAC_SHA256, show_default=True)
public_key_option = click.option("--public-key", metavar="whpk_…", default="",
                                 help="The partner's public key, with ed25519.")
_HOURS = int(OVERLAP / timedelta(hours=1))


@click.group("partner")
def partner() -> None:
    """Outside bodies that talk to the service by signed webhooks."""


@partner.command("add")
@click.argument("code")
@click.option("--kind", required=True, help="court, notary, arbitration, appraiser, cnipa, station, bank …")
@click.option("--name", default="")
@click.option("--endpoint", metavar="URL")
@click.option("--allow-cidr", "cidrs", multiple=True, metavar="CIDR")
@click.option("--may-send", "types", multiple=True, metavar="TYPE")
@click.option("--may-see", "seen", multiple=True, metavar="TYPE",
              help="What may be sent to it; default: what the procedures send to its kind.")
@click.option("--contact", "contact", multiple=True, metavar="NAME=VALUE", help="name, phone, email.")
@algorithm_option
@public_key_option
@format_option
def partner_add(code: str, kind: str, name: str, endpoint: str | None, cidrs: tuple[str, ...], types: tuple[str, ...],
                seen: tuple[str, ...], contact: tuple[str, ...], algorithm: str, public_key: str, style: str) -> None:
    """Register a partner with fresh keys; secrets are shown once."""
    keys = made_keys(algorithm, public_key)
    _kapok().run(AddPartner(code, kind, name, endpoint, cidrs, False, types, keys, seen or None, _pairs(contact)),
                 SHELL)
    tell({"partner": code, "keys": [_key(key) for key in keys]}, style)


@partner.command("list")
@format_option
def partner_list(style: str) -> None:
    """All partners, with the state of their breakers."""
    rows = [{"code": row.code, "kind": row.kind, "name": row.name, "endpoint": row.endpoint, "enabled": row.enabled,
             "circuit": row.circuit, "may_send": row.may_send, "may_see": row.may_see}
            for row in _kapok().handoffs.partners(SHELL)]
    if style == "json":
        print_json({"partners": rows})
        return
    for row in rows:
        state = row["circuit"] if row["enabled"] else "disabled"
        click.echo(f"{row['code']:<20} {row['kind']:<12} {state:<10} {row['endpoint'] or '-'}")


@partner.command("enable")
@click.argument("code")
def partner_enable(code: str) -> None:
    """Let messages in and out again, with a closed breaker."""
    _switch(code, True)


@partner.command("disable")
@click.argument("code")
def partner_disable(code: str) -> None:
    """Let nothing in and nothing out; what is queued stays."""
    _switch(code, False)


@partner.group("key")
def partner_key() -> None:
    """Keys of a partner: at most two good ones in each direction."""


@partner_key.command("add")
@click.argument("code")
@algorithm_option
@public_key_option
@click.option("--overlap", type=click.IntRange(0, 720), default=_HOURS, show_default=True, metavar="HOURS",
              help="How long the older keys stay good.")
@format_option
def partner_key_add(code: str, algorithm: str, public_key: str, overlap: int, style: str) -> None:
    """A new key, shown once: with --public-key the partner's, else ours."""
    kapok = _kapok()
    made = made_keys(algorithm, public_key, kapok.handoffs.partner(SHELL, code).next_key)
    key = made[-1] if public_key else made[0]
    outcome = kapok.run(AddPartnerKey(code, key, timedelta(hours=overlap)), SHELL)
    tell({"partner": code, "key": _key(key), "ending": outcome["ending"], "ends_at": outcome["ends_at"]}, style)


@partner_key.command("revoke")
@click.argument("code")
@click.argument("key")
@format_option
def partner_key_revoke(code: str, key: str, style: str) -> None:
    """At once: nothing that it signs is believed from now on."""
    _kapok().run(RevokePartnerKey(code, key), SHELL)
    tell({"partner": code, "revoked": key}, style)


@partner.command("sandbox", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("kind")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def partner_sandbox(kind: str, options: tuple[str, ...]) -> None:
    """Run a partner to test against: cnipa, court, notary or arbitration."""
    sys.exit(sandbox_main(["--kind", kind, *options]))


def _switch(code: str, enabled: bool) -> None:
    kapok = _kapok()
    row = kapok.handoffs.partner(SHELL, code)
    kapok.run(ChangePartner(
        code, row.name, row.endpoint, tuple(row.allowed_cidrs), row.plain_http, tuple(row.may_send),
        None if row.may_see is None else tuple(row.may_see), row.contact, enabled), SHELL)


def _key(key: PartnerKey) -> dict[str, Any]:
    """``secret`` as INTERFACES §3 has it; of a pair of ours also the half that the partner gets."""
    public = {"public": shown(key)} if key.use == "sign" else {}
    return {"id": key.id, "algorithm": key.algorithm, "secret": key.secret, **public}


def _pairs(given: tuple[str, ...]) -> Mapping[str, str]:
    pairs = [item.partition("=") for item in given]
    wrong = [item for item, (_, equals, _) in zip(given, pairs, strict=True) if not equals]
    if wrong:
        raise InvalidInput(expected="NAME=VALUE", found=wrong[0], where="--contact")
    return {name: value for name, _, value in pairs}


def _kapok() -> Kapok:
    return create_kapok(config.from_environment())
