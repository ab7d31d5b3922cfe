"""Who talks to us: outside bodies, what they may send and see, and their keys.

    key:   active ── a newer one comes ──▶ ending (24 h) ──▶ over
             └────────── revoke, at once ─────────────────▶ revoked

At most two keys are good at a time in each direction (RELIABILITY must 11).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from engine.domain.commands import AddPartner, PartnerKey
from engine.domain.wire_commands import AddPartnerKey, ChangePartner, CloseCircuit, RevokePartnerKey
from engine.errors import Conflict, InvalidInput, NotFound, Phrase
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.services.wire.catalogue import CATALOGUE
from engine.store import partners as rows
from webhooks.keys import key_of

MOST_KEYS = 2
LONGEST_OVERLAP = timedelta(days=30)
KINDS = ("court", "notary", "arbitration", "appraiser", "cnipa", "station", "bank", "mediation", "authority")
"""What partners are; others are allowed."""
CONTACT = ("name", "phone", "email")
_CODE, _KIND = re.compile(r"[A-Za-z0-9._-]{1,64}"), re.compile(r"[a-z][a-z_]{0,31}")


def add(context: Context, command: AddPartner) -> Outcome:
    """Register an outside body with its keys."""
    cases.require(context, "partner.manage")
    if not _CODE.fullmatch(command.code) or not _KIND.fullmatch(command.kind):
        raise InvalidInput(expected="a code of letters, digits, . _ - and a kind such as court",
                           found=f"{command.code}, {command.kind}", where="partner")
    if rows.get(context.connection, command.code) is not None:
        raise Conflict(action="add", noun="partner", key=command.code, state="present")
    said = _said(command)
    for key in command.keys:
        _require_usable(key)
    rows.insert(context.connection, {
        "code": command.code, "kind": command.kind, **said, "name": command.name or command.code, "circuit": None,
        "enabled": True, "added_at": context.now}, [_key_row(context, command.code, key) for key in command.keys])
    trail.record_system(context, {"partner": command.code, "keys": [key.id for key in command.keys]})
    return {"partner": command.code, "keys": [{"id": key.id, "algorithm": key.algorithm} for key in command.keys]}


def change(context: Context, command: ChangePartner) -> Outcome:
    """Replace what is said of a partner. A partner switched on again begins with a closed breaker."""
    cases.require(context, "partner.manage")
    row = _require(context, command.code)
    said = _said(command) | {"name": command.name.strip()[:255] or command.code, "enabled": command.enabled}
    changed = sorted(name for name, value in said.items() if getattr(row, name) != value)
    if command.enabled and not row.enabled or "endpoint" in changed:
        said["circuit"] = None
    rows.update_partner(context.connection, command.code, **said)
    trail.record_system(context, {"partner": command.code, "changed": changed, "enabled": command.enabled})
    return {"partner": command.code, "changed": changed}


def close_circuit(context: Context, command: CloseCircuit) -> Outcome:
    """Let the next message through at once, after the other side has said that it is there again."""
    cases.require(context, "handoff.decide")
    _require(context, command.partner)
    rows.update_partner(context.connection, command.partner, circuit=None)
    trail.record_system(context, {"partner": command.partner, "circuit": "closed"})
    return {"partner": command.partner}


def add_key(context: Context, command: AddPartnerKey) -> Outcome:
    """A new key; older ones that do the same work end after the overlap."""
    cases.require(context, "partner.manage")
    _require(context, command.partner)
    key = command.key
    _require_usable(key)
    if not timedelta(0) <= command.overlap <= LONGEST_OVERLAP:
        raise InvalidInput(expected=Phrase("an overlap of at most {days} days", days=LONGEST_OVERLAP.days),
                           found=str(command.overlap),
                           where="overlap")
    if rows.key(context.connection, command.partner, key.id) is not None:
        raise Conflict(action="add", noun="key", key=key.id, state="present")
    good = [one for one in rows.keys(context.connection, command.partner)
            if one.expires_at is None or one.expires_at > context.now]
    for direction in _directions(key.use):
        if sum(direction in _directions(one.use) for one in good) >= MOST_KEYS:
            raise Conflict(action="add", noun="key", key=key.id, state=f"beside {MOST_KEYS} others that {direction}")
    ends = context.now + command.overlap
    ending = [one.id for one in good if one.expires_at is None and _directions(one.use) <= _directions(key.use)]
    for old in ending:
        rows.update_key(context.connection, command.partner, old, expires_at=ends)
    rows.add_key(context.connection, _key_row(context, command.partner, key))
    trail.record_system(context, {"partner": command.partner, "key": key.id, "algorithm": key.algorithm,
                                  "use": key.use, "ending": ending, "at": ends.isoformat()})
    return {"partner": command.partner, "key": key.id, "ending": ending, "ends_at": ends.isoformat()}


def revoke_key(context: Context, command: RevokePartnerKey) -> Outcome:
    """At once; nothing that it signs is believed from now on."""
    cases.require(context, "partner.manage")
    found = rows.key(context.connection, command.partner, command.key)
    if found is None:
        raise NotFound(noun="key", key=command.key)
    if found.revoked_at is not None:
        raise Conflict(action="revoke", noun="key", key=command.key, state="revoked")
    rows.update_key(context.connection, command.partner, command.key, revoked_at=context.now)
    trail.record_system(context, {"partner": command.partner, "revoked": command.key})
    return {"partner": command.partner, "key": command.key}


def next_key_id(taken: Collection[str], use: str) -> str:
    """``k2`` after ``k1``; the partner's own public keys are ``p1``, ``p2``, …"""
    letter = "p" if use == "verify" else "k"
    return next(f"{letter}{number}" for number in range(1, len(taken) + 2) if f"{letter}{number}" not in taken)


def _directions(use: str) -> frozenset[str]:
    return frozenset({"shared": ("verify", "sign"), "verify": ("verify",), "sign": ("sign",)}[use])


def _key_row(context: Context, code: str, key: PartnerKey) -> dict[str, Any]:
    return {**asdict(key), "partner": code, "added_at": context.now, "revoked_at": None, "expires_at": None}


def _require(context: Context, code: str) -> Any:
    row = rows.get(context.connection, code)
    if row is None:
        raise NotFound(noun="partner", key=code)
    return row


@dataclass(frozen=True, slots=True)
class _KeyRow:
    """A key as its row will be."""

    id: str
    algorithm: Any
    use: str
    secret: str
    expires_at: None = None


def _require_usable(key: PartnerKey) -> None:
    """A key whose material is none is refused here, not when the first message comes."""
    if key.use not in ("shared", "verify", "sign") or not 0 < len(key.id) <= 36:
        raise InvalidInput(expected="a key id of 1 to 36 characters and a use: shared, verify or sign",
                           found=f"{key.id[:40]}, {key.use}", where="key")
    try:
        key_of(_KeyRow(**asdict(key)))
    except ValueError as error:
        raise InvalidInput(expected="the material of a key of this algorithm", found="other material",
                           where="key") from error


def _said(command: AddPartner | ChangePartner) -> dict[str, Any]:
    """What is said of a partner, checked: addresses, types in their direction, a contact of known parts."""
    _require_endpoint(command.endpoint, command.plain_http)
    for cidr in command.allowed_cidrs:
        _require_cidr(cidr)
    _require_types("may_send", command.may_send, [name for name in CATALOGUE.types if CATALOGUE.message(name).comes_in])
    _require_types("may_see", command.may_see or (),
                   [name for name in CATALOGUE.types if CATALOGUE.message(name).goes_out])
    contact = {name: str(command.contact[name]).strip()[:255] for name in CONTACT if command.contact.get(name)}
    return {"name": command.name, "endpoint": command.endpoint or None, "allowed_cidrs": list(command.allowed_cidrs),
            "plain_http": command.plain_http, "may_send": sorted(set(command.may_send)),
            "may_see": None if command.may_see is None else sorted(set(command.may_see)), "contact": contact or None}


def _require_endpoint(endpoint: str | None, plain: bool) -> None:
    if not endpoint:
        return
    try:
        parts = urlsplit(endpoint)
        fits = parts.scheme in (("https", "http") if plain else ("https",)) and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or parts.username is not None or len(endpoint) > 2000:
        raise InvalidInput(expected="an https address without a user name", found=endpoint[:80], where="endpoint")


def _require_cidr(cidr: str) -> None:
    try:
        ipaddress.ip_network(cidr)
    except ValueError as error:
        raise InvalidInput(expected="a network such as 10.1.0.0/16", found=cidr[:60], where="allowed_cidrs") from error


def _require_types(where: str, given: Iterable[str], offered: Collection[str]) -> None:
    unknown = sorted(set(given) - set(offered))
    if unknown:
        raise InvalidInput(expected="message types of the catalogue in this direction", found=", ".join(unknown)[:200],
                           where=where)
