"""What every page has: assets, headers, navigation, the words and dates of templates."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from flask import Blueprint, Flask, Response, g, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from engine.clock import local_date
from engine.domain.actors import Actor
from engine.domain.approvals import kinds_decided_by
from engine.domain.period_texts import days_said
from engine.domain.permissions import PARTIES, is_staff, may
from engine.ui import accounts, hearing_texts, i18n, kept, lamps, paper_texts, participant_texts, texts
from engine.ui.contract import Services

HERE = Path(__file__).parent
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR_SECONDS = 31_536_000


@cache
def fingerprint(name: str) -> str:
    """The first letters of an asset's sha-256: its address changes with its content, so browsers may keep it."""
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    return url_for("ui.static", filename=name, v=fingerprint(name))


def sprite() -> str:
    """The address of the icons, built once a request: a list shows it a hundred times."""
    if "sprite" not in g:
        g.sprite = asset("sprite.svg")
    return str(g.sprite)


def install(blueprint: Blueprint, services: Services) -> None:
    def prepare(state: BlueprintSetupState) -> None:
        app = cast(Flask, state.app)
        i18n.install(app, str(HERE / "translations"))
        accounts.prepare(app, services)

    blueprint.record_once(prepare)
    blueprint.app_template_filter("day")(i18n.day)
    blueprint.app_template_filter("month_name")(i18n.month_name)
    blueprint.app_template_filter("weekday")(i18n.weekday)
    blueprint.app_template_filter("size")(i18n.size)
    blueprint.app_template_filter("said")(i18n.said)
    blueprint.app_template_filter("days_said")(lambda line: days_said(str(line), i18n.language()))
    blueprint.app_template_filter("short_day")(lambda on: i18n.short_day(on, today(services)))
    blueprint.app_template_filter("moment")(lambda at: i18n.moment(at, today(services)))
    blueprint.app_template_filter("full_moment")(i18n.full_moment)
    blueprint.app_template_filter("clock")(i18n.clock)
    blueprint.app_template_filter("local")(i18n.local)
    blueprint.app_context_processor(lambda: _words(services) if request.blueprint in (None, blueprint.name) else {})
    blueprint.after_request(_headers)


def today(services: Services) -> Any:
    return local_date(services.clock.now())


def _words(services: Services) -> dict[str, Any]:
    actor = accounts.current()
    return {
        "asset": asset, "many": many, "path": path, "sprite": sprite, "texts": texts, "paper_texts": paper_texts,
        "participant_texts": participant_texts,
        "hearing_texts": hearing_texts,
        "lamp_of": lamps.of, "left_of": lamps.left, "left_parts": lamps.left_parts,
        "actor": actor, "csrf_token": generate_csrf, "language": i18n.language(), "languages": i18n.LANGUAGES,
        "language_tag": i18n.TAGS[i18n.language()], "today": today(services), "now": services.clock.now(),
        "demo": services.settings.demo,
        "theme": theme(), "navigation": navigation(services, actor) if actor else (), "here": here(),
        "unread": services.notices.unread(actor) if actor else 0,
        "badges": badges(services, actor) if actor else {},
        "toast": session.pop("toast", None), "max_upload": services.settings.max_upload,
        "authority": services.settings.authority_name,
    }


def badges(services: Services, actor: Actor) -> dict[str, int]:
    """How much waits behind entries of the navigation; the inbox has counted its own already."""
    waiting = g.get("waiting")
    return {"ui.handoff_board": services.handoffs.todo(actor),
            "ui.inbox": services.queries.todo(actor) if waiting is None else waiting}


@cache
def _pattern(root: str, endpoint: str, name: str) -> tuple[str, str]:
    value: dict[str, Any] = {name: "_0_"}
    before, _, behind = url_for(endpoint, **value).partition("_0_")
    return before, behind


def path(endpoint: str, **value: str) -> str:
    """``url_for`` of an address with one part that varies: lists have hundreds, and building one takes its time."""
    (name, text), = value.items()
    before, behind = _pattern(request.script_root, endpoint, name)
    return before + quote(text, safe="~!$&'()*+,;=:@") + behind


LONGEST_LIST = 500


def many(count: int) -> str:
    """How many a list holds; lists end at ``LONGEST_LIST``."""
    return f"{LONGEST_LIST}+" if count >= LONGEST_LIST else str(count)


def here() -> str:
    """The address to come back to: of this page, or of the one whose form led to it."""
    return request.full_path.rstrip("?") if request.method == "GET" else kept.came_from() or url_for("ui.inbox")


def theme() -> str:
    chosen = request.cookies.get("kapok_theme", "")
    return chosen if chosen in ("light", "dark") else ""


def navigation(services: Services, actor: Actor) -> tuple[tuple[str, str, str], ...]:
    """(endpoint, icon, name) of the pages this actor has; a page that does not exist is never offered."""
    own = [("ui.portal", "folder", gettext("我的案件"))] if actor.has(*PARTIES) else []
    pages = [*own, ("ui.inbox", "inbox", gettext("待办")), ("ui.case_list", "folder", gettext("案件")),
             ("ui.deadline_list", "clock", gettext("期限"))]
    if startable(services, actor):
        pages.append(("ui.start_list", "plus", gettext("新建")))
    if may(actor, "handoff.see"):
        pages.append(("ui.handoff_board", "swap", gettext("对接")))
    elif may(actor, "partner.see"):
        pages.append(("ui.partner_list", "swap", gettext("对接")))
    return (*pages, *_administration(actor))


def _administration(actor: Actor) -> list[tuple[str, str, str]]:
    pages = []
    if may(actor, "hearing.plan") or may(actor, "hearing.room"):
        pages.append(("ui.hearing_week", "scales", gettext("开庭")))
    if may(actor, "document.serve"):
        pages.append(("ui.service_list", "upload", gettext("文书送达")))
    if is_staff(actor):
        pages.append(("ui.absence_list", "swap", gettext("缺勤")))
    if may(actor, "approval.see_all") or kinds_decided_by(lambda right: may(actor, right)):
        pages.append(("ui.approval_list", "lock", gettext("核准")))
    if may(actor, "recusal.see"):
        pages.append(("ui.recusal_list", "apart", gettext("回避")))
    elif may(actor, "declaration.see"):
        pages.append(("ui.declaration_list", "apart", gettext("回避申报")))
    if may(actor, "access.see") or may(actor, "access.ask"):
        pages.append(("ui.grant_list", "key", gettext("授权")))
    if may(actor, "rule.change") or may(actor, "rule.approve"):
        pages.append(("ui.rule_list", "document", gettext("规则")))
    if may(actor, "user.see"):
        pages.append(("ui.user_list", "user", gettext("账号管理")))
    if may(actor, "organisation.manage"):
        pages.append(("ui.organisation", "flow", gettext("机构")))
    if may(actor, "audit.see"):
        pages.append(("ui.audit_list", "search", gettext("审计")))
    return pages


def startable(services: Services, actor: Actor) -> Any:
    """What the actor may start, asked once a request."""
    if "startable" not in g:
        g.startable = services.queries.startable(actor)
    return g.startable


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "ui.static" and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    elif request.endpoint != "ui.static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def toast(text: str, undo: str = "") -> None:
    """Said once, on the next page; ``undo``: the address that takes it back."""
    session["toast"] = {"text": text, "undo": undo}
