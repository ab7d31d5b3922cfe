"""Writes a DMN file in a test: ``dmn(decision("d", literal("a + b"), needs=["a", "b"]), …)`` as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

VERSION = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def dmn(*parts: str, namespace: str = "urn:test", xmlns: str = VERSION) -> bytes:
    body = "\n".join(parts)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{xmlns}" id="definitions" name="test" '
            f'namespace="{namespace}">\n{body}\n</definitions>').encode()


def tag(name: str, /, *inner: str, **attributes: str | None) -> str:
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{''.join(inner)}</{name}>"


def text(written: str) -> str:
    return f"<text>{escape(written)}</text>"


def literal(written: str, type: str | None = None) -> str:
    return tag("literalExpression", text(written), typeRef=type)


def decision(id: str, box: str, *, name: str | None = None, type: str | None = None, needs: Sequence[str] = (),
             knows: Sequence[str] = ()) -> str:
    """``needs``: ids of decisions (or ``input:id``) required; ``knows``: ids of knowledge models and services."""
    required = "".join(tag("informationRequirement", tag(
        "requiredInput" if need.startswith("input:") else "requiredDecision",
        href=_href(need.removeprefix("input:")))) for need in needs)
    known = "".join(tag("knowledgeRequirement", tag("requiredKnowledge", href=_href(need))) for need in knows)
    return tag("decision", tag("variable", name=name or id, typeRef=type), required, known, box, id=id, name=name or id)


def data(id: str, name: str | None = None, type: str | None = None) -> str:
    return tag("inputData", tag("variable", name=name or id, typeRef=type), id=id, name=name or id)


def knowledge(id: str, parameters: Sequence[str], box: str, *, type: str | None = None,
              knows: Sequence[str] = ()) -> str:
    """Parameters as ``name`` or ``name:type``."""
    formal = "".join(tag("formalParameter", name=one.partition(":")[0], typeRef=one.partition(":")[2] or None)
                     for one in parameters)
    known = "".join(tag("knowledgeRequirement", tag("requiredKnowledge", href=_href(need))) for need in knows)
    return tag("businessKnowledgeModel", tag("variable", name=id, typeRef=type), known,
               tag("encapsulatedLogic", formal, box), id=id, name=id)


def service(id: str, outputs: Sequence[str], *, decisions: Sequence[str] = (), inputs: Sequence[str] = ()) -> str:
    return tag("decisionService", tag("variable", name=id),
               *(tag("outputDecision", href=_href(one)) for one in outputs),
               *(tag("inputDecision", href=_href(one)) for one in decisions),
               *(tag("inputData", href=_href(one)) for one in inputs), id=id, name=id)


def table(inputs: Sequence[str], outputs: Sequence[str], rules: Sequence[Sequence[str]], *, policy: str | None = None,
          aggregation: str | None = None, order: dict[str, str] | None = None, default: dict[str, str] | None = None,
          allowed: dict[str, str] | None = None) -> str:
    """Rules are rows of cells, inputs first; ``order`` and ``default`` by output name, ``allowed`` by input."""
    columns = [tag("input", tag("inputExpression", text(one)),
                   tag("inputValues", text((allowed or {})[one])) if one in (allowed or {}) else "", label=one)
               for one in inputs]
    for one in outputs:
        values = tag("outputValues", text((order or {})[one])) if one in (order or {}) else ""
        fallback = tag("defaultOutputEntry", text((default or {})[one])) if one in (default or {}) else ""
        columns.append(tag("output", values, fallback, name=one))
    rows = [tag("rule", *(tag("inputEntry", text(cell)) for cell in row[:len(inputs)]),
                *(tag("outputEntry", text(cell)) for cell in row[len(inputs):]), id=f"r{number}")
            for number, row in enumerate(rules, 1)]
    return tag("decisionTable", *columns, *rows, hitPolicy=policy, aggregation=aggregation)


def _href(id: str) -> str:
    return id if "#" in id else f"#{id}"
