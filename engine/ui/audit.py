"""审计: for auditors alone: whether the trail is anchored and checked, its entries, and its export."""

import json
import tempfile
from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.administration import GrantAccess, RequestApproval
from engine.services.proof.archive import TRAIL
from engine.ui.accounts import acting
from engine.ui.audit_texts import action, noted
from engine.ui.contract import Services
from engine.ui.fields import text
from engine.ui.inbox import page_number
from engine.ui.shell import toast

OPEN = timedelta(hours=1)
FILTERS = ("actor", "action", "chain", "since", "until")


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/audit")
    def audit_list() -> str:
        filters = {name: request.args.get(name, "").strip()[:100] for name in FILTERS}
        view = services.archive.trail_view(acting(), filters, page_number())
        return render_template("audit.html", view=view, filters=filters, detail=detail, action=action,
                               args={name: value for name, value in filters.items() if value})

    @blueprint.post("/audit/ask")
    def audit_ask() -> Response:
        """The export for an hour, once a second person has allowed it."""
        reason = text("reason")
        services.run(RequestApproval(GrantAccess("export", acting().id, TRAIL, reason, OPEN), reason), acting())
        toast(gettext("已提出申请，待另一人核准后生效。"))
        return redirect(url_for("ui.audit_list"))

    @blueprint.post("/audit/export")
    def audit_export() -> Any:
        out: Any = tempfile.SpooledTemporaryFile(1 << 20)  # noqa: SIM115  (closed with the answer)
        services.archive.trail(acting(), out)
        out.seek(0)
        return send_file(out, mimetype="application/zip", as_attachment=True, download_name="audit-trail.zip")


def detail(entry: str) -> str:
    """What an entry says beyond who and when, on one line."""
    found = dict(json.loads(entry).get("detail") or {})
    note = noted(str(found.pop("note", "")))
    parts = [f"{name}: {json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value}"
             for name, value in found.items()]
    return " · ".join([note, *parts] if note else parts)
