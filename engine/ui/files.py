"""Uploads, staged with their hash before any command refers to them; and downloads, never run as a page. A picture of
an unpublished application is looked at below the reader's mark."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, send_file, url_for

from engine.domain.confidential import CONFIDENTIAL, UNPUBLISHED
from engine.errors import KapokError
from engine.services.views.models import FileView
from engine.ui import kept, texts
from engine.ui.accounts import acting
from engine.ui.contract import Services

IMAGES = frozenset({"image/png", "image/jpeg"})
PDF = "application/pdf"
INLINE = IMAGES | {PDF}
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; " \
                 "frame-ancestors 'self'"
"""For what people have handed in: shown in a frame of our own pages, and there it can do nothing."""


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/files")
    def upload() -> Any:
        if request.content_length and request.content_length > services.settings.max_upload + 64 * 1024:
            abort(413)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            abort(400)
        try:
            stream = cast(BinaryIO, sent.stream)
            staged = services.files.stage(stream, sent.filename, sent.mimetype, acting())
        except KapokError as error:
            return jsonify(message=texts.error(error)), kept.status(error)
        return jsonify(sha256=staged.sha256, name=staged.name, size=staged.size, media=getattr(staged, "media", None))

    @blueprint.get("/files/<sha256>")
    def file(sha256: str) -> Any:
        found = services.archive.file(acting(), sha256)
        hidden = found.level == UNPUBLISHED and found.media in IMAGES
        if hidden and "raw" not in request.args:
            return redirect(url_for("ui.file_preview", sha256=sha256))
        return content(found, attached=hidden or found.media not in INLINE)

    setattr(file, "talisman_view_options", {  # noqa: B010 - how the guard of headers is told of an exception
        "content_security_policy": CONTENT_POLICY, "frame_options": "SAMEORIGIN"})

    @blueprint.get("/files/<sha256>/preview")
    def file_preview(sha256: str) -> str:
        found = services.archive.file(acting(), sha256)  # a preview is a reading, and on record as one
        html = "" if found.media in INLINE else services.papers.preview(acting(), sha256)[1]
        return render_template("preview.html", file=found, html=html, kind=found.media.partition("/")[0],
                               address=url_for("ui.file", sha256=sha256, raw=""))


def content(found: FileView, attached: bool) -> Response:
    """The bytes of a file: never run, never kept by the browser. Parts of it can be asked for where no reading is on
    record, and no copy is marked with the minute."""
    answer = send_file(found.open(), mimetype=found.media, as_attachment=attached, download_name=found.name,
                       conditional=False, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    answer.content_length = found.size
    if found.level not in CONFIDENTIAL:
        answer.make_conditional(request.environ, accept_ranges=True, complete_length=found.size)
    return answer
