"""XML as this room meets it: one hardened way in, and a few words for walking the tree.

No DTD, no entities, no network, no file beyond the bytes given; size and depth are bounded. Encodings: those that
modelling tools write, as the XML declaration or byte order mark says (XML 1.0 §4.3.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.definition.report import Report

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 120
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1",
                       "iso-8859-15", "windows-1252", "gb18030", "gbk", "gb2312", "big5"})
EXTENSIONS = f"{{{BPMN}}}extensionElements"

Node = etree._Element


def parse(content: bytes, report: Report) -> Node | None:
    """The root element, or None after reporting why the bytes are not an XML document that may be read."""
    if len(content) > MAX_BYTES:
        report.add("file-too-large", bytes=len(content), limit=MAX_BYTES)
        return None
    # NUL bytes go first, so that UTF-16 shows the same letters.
    if b"<!DOCTYPE" in content.replace(b"\0", b""):
        report.add("doctype")
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                             huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        report.add("xml-syntax", line=error.lineno or 0, reason=error.msg)
        return None
    except (ValueError, LookupError) as error:
        report.add("xml-syntax", reason=str(error))
        return None
    return root if _acceptable(root, report) else None


def _acceptable(root: Node, report: Report) -> bool:
    info: Any = root.getroottree().docinfo
    if info.doctype:
        report.add("doctype")
    elif (info.encoding or "utf-8").lower() not in ENCODINGS:
        report.add("xml-encoding", encoding=info.encoding)
    elif _deeper_than(root, MAX_DEPTH):
        report.add("nesting-too-deep", limit=MAX_DEPTH)
    else:
        return True
    return False


def _deeper_than(root: Node, limit: int) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limit:
            return True
    return False


def namespace(node: Node) -> str:
    return node.tag[1:].partition("}")[0] if node.tag[0] == "{" else ""


def local(node: Node) -> str:
    return node.tag.rpartition("}")[2]


def line(node: Node) -> int:
    at: Any = node.sourceline
    return int(at or 0)


def bpmn_children(node: Node, name: str) -> list[Node]:
    return list(node.iterchildren(f"{{{BPMN}}}{name}"))


def bpmn_child(node: Node, name: str) -> Node | None:
    return next(node.iterchildren(f"{{{BPMN}}}{name}"), None)


def text(node: Node | None) -> str:
    return "".join(map(str, node.itertext())).strip() if node is not None else ""


def extensions(node: Node) -> Iterator[Node]:
    """The zeebe elements of a BPMN element; foreign namespaces are passed over."""
    holder = next(node.iterchildren(EXTENSIONS), None)
    if holder is not None:
        yield from holder.iterchildren(f"{{{ZEEBE}}}*")


def extension(node: Node, name: str) -> Node | None:
    holder = next(node.iterchildren(EXTENSIONS), None)
    return next(holder.iterchildren(f"{{{ZEEBE}}}{name}"), None) if holder is not None else None


def flag(node: Node, name: str, default: bool) -> bool:
    """An xsd:boolean attribute."""
    value = node.get(name)
    return default if value is None else value.strip() in ("true", "1")


def reference(value: str | None) -> str | None:
    """A QName reference without its prefix; ids are unique in a file whatever the prefix says."""
    return value.strip().rpartition(":")[2] or None if value else None
