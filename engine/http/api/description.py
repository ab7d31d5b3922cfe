"""``/openapi.json`` (OpenAPI 3.1) and ``/docs``: the same as a page that asks nothing of another machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, render_template_string

from engine.http import wire
from engine.http.api.operations import JSON, PREFIX

OPENAPI = "3.1.0"
TITLE = "Kapok 木棉"
ABOUT = """Cases, user tasks, jobs and messages of a case engine. All times are ISO 8601 with an offset, legal days are
dates, durations are ISO 8601. Numbers are exact: send and read them as decimals. Errors are problem documents
(RFC 9457). A repeated `Idempotency-Key` gives the first answer again. `webhooks` describes the signed messages to and
from partners."""

_METHODS = ("get", "post")
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#f4f2ee;padding:.75rem}
details{border-top:1px solid #ccc;padding:.4rem 0}summary{cursor:pointer}b{font-family:ui-monospace,monospace}"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ info.title }} API</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{{ prefix }}/docs.css"></head><body>
<h1>{{ info.title }} API {{ info.version }}</h1><p>{{ info.description }}</p>
<p><a href="{{ prefix }}/openapi.json">openapi.json</a></p>
{% macro operations(found) %}{% for name, method, path, operation in found %}
<details id="{{ name }}"><summary><b>{{ method }}</b> <code>{{ path }}</code> {{ operation.summary }}</summary>
<p>{{ operation.description }}</p>
{% if operation.security %}<p>scope: {% for one in operation.security %}{% for _, scopes in one.items() %}
<code>{{ scopes[0] }}</code> {% endfor %}{% endfor %}</p>{% endif %}
<pre>{{ operation | pretty }}</pre></details>{% endfor %}{% endmacro %}
{% for tag in tags %}<h2>{{ tag.name }}</h2><p>{{ tag.description }}</p>{{ operations(by_tag[tag.name]) }}{% endfor %}
<h2>webhooks</h2>{{ operations(webhooks) }}
<h2>schemas</h2>{% for name, schema in schemas.items() %}
<details id="{{ name }}"><summary><b>{{ name }}</b></summary><pre>{{ schema | pretty }}</pre></details>{% endfor %}
</body></html>"""


def create_blueprint(document: Mapping[str, Any]) -> Blueprint:
    """Serves a finished description."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    blueprint.app_template_filter("pretty")(_pretty)
    encoded = wire.encode(document)
    plain = json.loads(encoded)

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        return Response(encoded, content_type=JSON)

    @blueprint.get("/docs")
    def docs() -> str:
        by_tag = {tag["name"]: [item for item in _operations(plain["paths"]) if tag["name"] in item[3]["tags"]]
                  for tag in plain["tags"]}
        return render_template_string(
            _PAGE, prefix=PREFIX, info=plain["info"], tags=plain["tags"], by_tag=by_tag,
            webhooks=list(_operations(plain["webhooks"])), schemas=plain["components"]["schemas"])

    @blueprint.get("/docs.css")
    def style() -> Response:
        return Response(_STYLE, content_type="text/css; charset=utf-8")

    return blueprint


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """(id, method, path, operation) in the order of the description."""
    for path, item in paths.items():
        for method in _METHODS:
            if method in item:
                yield item[method]["operationId"], method.upper(), path, item[method]


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
