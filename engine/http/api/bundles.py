"""``/cases/{key}/bundle``: the evidence bundle of a case."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

from flask import Response, send_file

from engine.http.api.access import actor, services
from engine.http.api.cases import READ, noun

ZIP = "application/zip"
IN_MEMORY = 1 << 20


@noun.download("/<key>/bundle", ZIP, READ)
def bundle(query: Mapping[str, Any], key: str) -> Response:
    """The evidence bundle of a case: a zip that opens offline, with the script that checks it (``verify.py``).

    Needs the right to export and another person's leave for this case; without them it answers like no case.
    """
    out: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (closed with the answer)
    digest = services().archive.bundle(actor(), key, out)
    out.seek(0)
    answer = send_file(out, mimetype=ZIP, as_attachment=True, download_name=f"evidence-{key}.zip", max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Manifest-SHA256"] = digest
    return answer
