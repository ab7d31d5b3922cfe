"""``/partners``: outside bodies, what they may send and see, and their keys. Secrets come in and never go out; changes
need two persons where the installation asks for them (202, then ``/approvals``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.commands import AddPartner, PartnerKey
from engine.domain.wire_commands import OVERLAP, AddPartnerKey, ChangePartner, RevokePartnerKey
from engine.http.api import pages
from engine.http.api.access import actor, reading, services
from engine.http.api.approvals import Requested, by_two
from engine.http.api.fields import NAME, Cursor, Duration, free_text, instant, text
from engine.http.api.operations import Later, Noun
from engine.services.context import Outcome
from engine.services.views.handoffs import PartnerView
from engine.services.wire.keys import ALGORITHMS
from engine.services.wire.partners import LONGEST_OVERLAP
from engine.store import listings

SCOPE = "admin"
USES = ("shared", "verify", "sign")
noun = Noun("partners", "Outside bodies that send and get signed messages.")


class Contact(Schema):
    name = free_text(NAME)
    phone = free_text(NAME)
    email = free_text(NAME)


class Partner(Schema):
    code = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    endpoint = fields.String(required=True, allow_none=True)
    may_send = fields.List(fields.String(), required=True)
    enabled = fields.Boolean(required=True)
    added_at = instant(required=True)


class Key(Schema):
    """``state``: active, ending (an older one beside a newer), over or revoked."""

    id = fields.String(required=True)
    algorithm = fields.String(required=True)
    use = fields.String(required=True)
    added_at = instant(required=True)
    expires_at = instant(required=True, allow_none=True)
    state = fields.String(required=True)


class WholePartner(Partner):
    """``may_see`` null: whatever the procedures send to its kind; ``circuit``: closed, open or half_open."""

    allowed_cidrs = fields.List(fields.String(), required=True)
    plain_http = fields.Boolean(required=True)
    may_see = fields.List(fields.String(), required=True, allow_none=True)
    contact = fields.Dict(required=True)
    circuit = fields.String(required=True)
    keys = fields.List(fields.Nested(Key), required=True)


class PartnerQuery(Schema):
    cursor = Cursor(str, load_default=lambda: (None,))


class NewKey(Schema):
    """``use``: shared (HMAC, both ways), verify (the partner's public key) or sign (our private key for it)."""

    id = text(required=True)
    algorithm = fields.String(required=True, validate=validate.OneOf(ALGORITHMS))
    use = fields.String(required=True, validate=validate.OneOf(USES))
    secret = text(required=True)


class Said(Schema):
    name = free_text(NAME)
    endpoint = text(load_default=None, allow_none=True)
    allowed_cidrs = fields.List(text(), load_default=list)
    may_send = fields.List(text(), load_default=list)
    may_see = fields.List(text(), load_default=None, allow_none=True)
    contact = fields.Nested(Contact, load_default=dict)


class NewPartner(Said):
    code = text(required=True)
    kind = text(required=True)
    keys = fields.List(fields.Nested(NewKey), load_default=list, validate=validate.Length(max=4))


class PartnerChange(Said):
    plain_http = fields.Boolean(load_default=False)
    enabled = fields.Boolean(load_default=True)


class AddedKey(NewKey):
    overlap = Duration(LONGEST_OVERLAP, load_default=OVERLAP)


class KeyName(Schema):
    id = fields.String(required=True)
    algorithm = fields.String(required=True)


class Added(Schema):
    partner = fields.String(required=True)
    keys = fields.List(fields.Nested(KeyName), required=True)


class Changed(Schema):
    partner = fields.String(required=True)
    changed = fields.List(fields.String(), required=True)


class KeyAdded(Schema):
    """``ending``: the older keys, which end at ``ends_at``."""

    partner = fields.String(required=True)
    key = fields.String(required=True)
    ending = fields.List(fields.String(), required=True)
    ends_at = fields.String(required=True, metadata={"format": "date-time"})


class KeyRevoked(Schema):
    partner = fields.String(required=True)
    key = fields.String(required=True)


@noun.get("", pages.list_of(Partner), SCOPE, query=PartnerQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Partners, for those who may see them."""
    with reading() as connection:
        rows = listings.partners(connection, actor(), query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.code,))


@noun.get("/<key>", WholePartner, SCOPE)
def get(query: Mapping[str, Any], key: str) -> PartnerView:
    """One partner with its keys, without their secrets."""
    return services().handoffs.partner(actor(), key)


@noun.post("", Added, SCOPE, body=NewPartner, status=HTTPStatus.CREATED, later=Requested)
def add(sent: Mapping[str, Any]) -> Outcome | Later:
    """Register a partner."""
    keys = tuple(PartnerKey(**key) for key in sent["keys"])
    return by_two(AddPartner(sent["code"], sent["kind"], **_said(sent), keys=keys))


@noun.post("/<key>/change", Changed, SCOPE, body=PartnerChange, later=Requested)
def change(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """Replace all that is said of a partner but its keys; a closed breaker when it is switched on again."""
    return by_two(ChangePartner(key, **_said(sent), plain_http=sent["plain_http"], enabled=sent["enabled"]))


@noun.post("/<key>/keys", KeyAdded, SCOPE, body=AddedKey, later=Requested)
def add_key(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """A new key beside an older one, which ends after the overlap. At most two good ones in each direction."""
    overlap: timedelta = sent["overlap"]
    made = PartnerKey(sent["id"], sent["algorithm"], sent["use"], sent["secret"])
    return by_two(AddPartnerKey(key, made, overlap))


@noun.post("/<key>/keys/<key_id>/revoke", KeyRevoked, SCOPE, later=Requested)
def revoke_key(sent: Mapping[str, Any], key: str, key_id: str) -> Outcome | Later:
    """At once, once approved: nothing that it signs is believed any more."""
    return by_two(RevokePartnerKey(key, key_id))


def _said(sent: Mapping[str, Any]) -> dict[str, Any]:
    seen = sent["may_see"]
    return {"name": sent["name"], "endpoint": sent["endpoint"], "allowed_cidrs": tuple(sent["allowed_cidrs"]),
            "may_send": tuple(sent["may_send"]), "may_see": None if seen is None else tuple(seen),
            "contact": {name: value for name, value in sent["contact"].items() if value}}
