"""``/cases/{key}/bundle``: the evidence bundle of a case, the one answer that is no JSON."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import send_file

from engine.errors import NotFound
from engine.http import wire
from engine.http.api.access import actor, admit, services
from engine.http.api.cases import READ, noun

ZIP = "application/zip"
IN_MEMORY = 1 << 20


def bundle(key: str) -> Any:
    """The evidence bundle of a case: a zip that opens offline, with the script that checks it (``verify.py``).

    Needs the right to export and another person's leave for this case; without them it answers like no case.
    """
    admit((READ,))
    if not wire.plain_text(key):
        raise NotFound(noun="case", key=ascii(key))
    out: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (closed with the answer)
    digest = services().archive.bundle(actor(), key, out)
    out.seek(0)
    answer = send_file(out, mimetype=ZIP, as_attachment=True, download_name=f"evidence-{key}.zip",
                                 max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Manifest-SHA256"] = digest
    return answer


def _install(blueprint: Any) -> None:
    view = bundle
    for status, name in ((401, "UNAUTHORIZED"), (403, "FORBIDDEN"), (404, "NOT_FOUND"),
                         (429, "TOO_MANY_REQUESTS")):
        view = blueprint.alt_response(status, response=name)(view)
    content = {ZIP: {"schema": {"type": "string", "contentMediaType": ZIP}}}
    view = blueprint.doc(operationId="cases.bundle", security=[{"bearer": [READ]}],
                         responses={"200": {"description": "OK", "content": content}})(view)
    blueprint.route("/<key>/bundle", methods=["GET"])(view)


_install(noun.blueprint)
