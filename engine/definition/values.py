"""Values as the dialect writes them: ``= …`` is FEEL, anything else a literal (docs/dialect.md)."""

from __future__ import annotations

from engine.definition.markup import Node, line, text
from engine.definition.model import Value


def value(written: str | None, at: int = 0) -> Value | None:
    """A literal, or FEEL behind ``=``; None when nothing is written."""
    if written is None or not written.strip():
        return None
    written = written.strip()
    if written.startswith("="):
        return Value(written[1:].strip(), True, at)
    return Value(written, False, at)


def expression(written: str | None, at: int = 0) -> Value | None:
    """Always FEEL; the leading ``=`` is optional. None when nothing is written."""
    if written is None or not written.strip():
        return None
    written = written.strip()
    return Value(written.removeprefix("=").strip(), True, at)


def attribute(node: Node | None, name: str) -> Value | None:
    return value(node.get(name), line(node)) if node is not None else None


def formal(node: Node | None) -> Value | None:
    """The FEEL of a BPMN formal expression element."""
    return expression(text(node), line(node)) if node is not None else None
