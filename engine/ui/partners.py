"""伙伴与密钥: who talks to the house, what they may send and see, and their keys; changes need a second person."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.commands import AddPartner, PartnerKey
from engine.domain.permissions import may
from engine.domain.wire_commands import AddPartnerKey, ChangePartner, RevokePartnerKey
from engine.services.wire.catalogue import CATALOGUE
from engine.services.wire.keys import made_keys, shown
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import text
from engine.ui.people import attempt
from engine.ui.wire_texts import KINDS

Answer = str | Response | tuple[str, int]
INCOMING = tuple(name for name in CATALOGUE.types if CATALOGUE.message(name).comes_in)
OUTGOING = tuple(name for name in CATALOGUE.types if CATALOGUE.message(name).goes_out)


def install(blueprint: Blueprint, services: Services) -> None:
    _all(blueprint, services)
    _one(blueprint, services)


def _all(blueprint: Blueprint, services: Services) -> None:
    def page(problem: str = "", made: tuple[PartnerKey, ...] = ()) -> str:
        actor = acting()
        return render_template(
            "partners.html", partners=services.handoffs.partners(actor), kinds=KINDS, incoming=INCOMING, made=made,
            manage=may(actor, "partner.manage"), two=services.settings.two_persons, problem=problem, form=request.form,
            shown=shown, tab="partners")

    @blueprint.get("/handoffs/partners")
    def partner_list() -> str:
        return page()

    @blueprint.post("/handoffs/partners")
    def partner_add() -> Answer:
        keys: list[PartnerKey] = []

        def made() -> AddPartner:
            keys.extend(made_keys(text("algorithm"), text("public_key")))
            return AddPartner(
                text("code", 64), text("kind", 32), text("name", 255), text("endpoint", 2000) or None, _cidrs(), False,
                tuple(request.form.getlist("may_send")), tuple(keys))

        return attempt(services, made, gettext("伙伴已登记。"), page,
                       lambda: page(made=tuple(key for key in keys if key.use != "verify")))


def _one(blueprint: Blueprint, services: Services) -> None:
    def page(code: str, problem: str = "", made: tuple[PartnerKey, ...] = ()) -> str:
        actor = acting()
        return render_template(
            "partner.html", partner=services.handoffs.partner(actor, code), incoming=INCOMING, outgoing=OUTGOING,
            manage=may(actor, "partner.manage"), two=services.settings.two_persons, problem=problem, made=made,
            shown=shown, tab="partners")

    @blueprint.get("/handoffs/partners/<code>")
    def partner(code: str) -> str:
        return page(code)

    def done(code: str, command: Any, said: str) -> Answer:
        return attempt(services, lambda: command, said, lambda problem: page(code, problem),
                       url_for("ui.partner", code=code))

    @blueprint.post("/handoffs/partners/<code>/change")
    def partner_change(code: str) -> Answer:
        form = request.form
        sees = tuple(form.getlist("may_see")) if form.get("limited") == "1" else None
        contact = {"name": text("contact_name", 255), "phone": text("phone", 255), "email": text("email", 255)}
        return done(code, ChangePartner(
            code, text("name", 255), text("endpoint", 2000) or None, _cidrs(), form.get("plain_http") == "1",
            tuple(form.getlist("may_send")), sees, contact, form.get("enabled") == "1"), gettext("已保存。"))

    @blueprint.post("/handoffs/partners/<code>/keys")
    def partner_key_add(code: str) -> Answer:
        view, keys = services.handoffs.partner(acting(), code), []

        def made() -> AddPartnerKey:
            theirs = text("public_key")
            keys.append(made_keys(text("algorithm"), theirs, view.next_key)[-1 if theirs else 0])
            return AddPartnerKey(code, keys[0])

        return attempt(
            services, made, gettext("新密钥已生效，旧密钥 24 小时后停用。"), lambda problem: page(code, problem),
            lambda: page(code, made=tuple(key for key in keys if key.use != "verify")))

    @blueprint.post("/handoffs/partners/<code>/keys/<key>/revoke")
    def partner_key_revoke(code: str, key: str) -> Answer:
        return done(code, RevokePartnerKey(code, key), gettext("密钥已吊销，立即失效。"))


def _cidrs() -> tuple[str, ...]:
    return tuple(text("allowed_cidrs", 2000).replace(",", " ").replace("，", " ").split())
