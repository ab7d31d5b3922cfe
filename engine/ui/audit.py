"""审计: for auditors alone: whether the trail is anchored and checked, its entries, and its export."""

import json
import tempfile
from typing import Any

from flask import Blueprint, render_template, request, send_file

from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.inbox import page_number

FILTERS = ("actor", "action", "chain", "since", "until")


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/audit")
    def audit_list() -> str:
        filters = {name: request.args.get(name, "").strip()[:100] for name in FILTERS}
        view = services.archive.trail_view(acting(), filters, page_number())
        return render_template("audit.html", view=view, filters=filters, detail=detail,
                               args={name: value for name, value in filters.items() if value})

    @blueprint.post("/audit/export")
    def audit_export() -> Any:
        out: Any = tempfile.SpooledTemporaryFile(1 << 20)  # noqa: SIM115  (closed with the answer)
        services.archive.trail(acting(), out)
        out.seek(0)
        return send_file(out, mimetype="application/zip", as_attachment=True, download_name="audit-trail.zip")


def detail(entry: str) -> str:
    """What an entry says beyond who and when, on one line."""
    found = json.loads(entry).get("detail") or {}
    return " · ".join(f"{name}: {json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value}"
                      for name, value in found.items())
