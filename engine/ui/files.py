"""Uploads, staged with their hash before any command refers to them; and downloads, never run as a page. A picture of
an unpublished application is looked at below the reader's mark."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, abort, jsonify, render_template, request, send_file, url_for

from engine.domain.confidential import UNPUBLISHED
from engine.errors import KapokError
from engine.statuses import status_of
from engine.ui import texts
from engine.ui.accounts import acting
from engine.ui.contract import Services

IMAGES = frozenset({"image/png", "image/jpeg"})
INLINE = IMAGES | {"application/pdf"}


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
            return jsonify(message=texts.error(error)), status_of(error)
        return jsonify(sha256=staged.sha256, name=staged.name, size=staged.size, media=getattr(staged, "media", None))

    @blueprint.get("/files/<sha256>")
    def file(sha256: str) -> Any:
        found = services.archive.file(acting(), sha256)
        hidden = found.level == UNPUBLISHED and found.media in IMAGES
        if hidden and "raw" not in request.args:
            return render_template("picture.html", file=found, address=url_for("ui.file", sha256=sha256, raw=""))
        return send_file(found.open(), mimetype=found.media, as_attachment=hidden or found.media not in INLINE,
                         download_name=found.name, etag=False, max_age=0)
