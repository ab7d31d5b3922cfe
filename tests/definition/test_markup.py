"""What may come in at all: hardened XML, limits, kinds of files."""

import pytest

from engine.definition import SourceFile, lint, load
from engine.definition.markup import MAX_BYTES
from tests.support.bpmn import chain, end, node, process, start, sub, task, zeebe

STRAIGHT = process("p", start(), task("a", name="甲"), end(), chain("start", "a", "end"))
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
FILE_ENTITY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'


def rules(content, name="a.bpmn"):
    return [item.rule for item in lint([SourceFile(name, content)]) if item.severity == "error"]


def deep(levels):
    inner = task("leaf")
    for level in range(levels):
        inner = sub(f"s{level}", inner)
    return process("p", inner)


@pytest.mark.parametrize(("rule", "content"), [
    ("doctype", BOMB), ("doctype", FILE_ENTITY), ("doctype", BOMB.decode().encode("utf-16")),
    ("xml-syntax", b"<a>"), ("xml-syntax", b""), ("xml-syntax", b"\xff\xfe\x00"), ("xml-syntax", b"<a>&unknown;</a>"),
    ("xml-encoding", b'<?xml version="1.0" encoding="KOI8-R"?><a/>'),
    ("file-too-large", b"<a>" + b" " * MAX_BYTES + b"</a>"), ("nesting-too-deep", deep(130)),
    ("file-kind", b"<html/>"), ("schema", process("p", node("nonsense"))),
    ("too-many-elements", process("p", *(task(f"t{number}") for number in range(2001))))])
def test_refused(rule, content):
    assert rule in rules(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "gb18030"])
def test_encodings_as_xml_says(encoding):
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    content = STRAIGHT.decode().replace("UTF-8", declared).encode(encoding)
    bundle = load([SourceFile("a.bpmn", content)])
    assert bundle.processes["p"].elements["a"].name == "甲"


def test_nesting_within_bounds_is_read():
    assert "nesting-too-deep" not in rules(deep(100))


@pytest.mark.parametrize(("content", "expected"), [
    (b'{"id": "f", "components": []}', []), (b"{", ["form-syntax"]), (b"[]", ["form-syntax"]),
    (b'{"components": []}', ["form-syntax"]), (b"[" * 100_000, ["form-syntax"])])
def test_forms(content, expected):
    assert rules(content, "a.form") == expected


def test_same_form_twice():
    found = lint([SourceFile(name, b'{"id": "f"}') for name in ("a.form", "b.form")])
    assert [(item.file, item.rule) for item in found] == [("b.form", "duplicate-form")]


@pytest.mark.parametrize(("rule", "content"), [
    ("duplicate-id", STRAIGHT.replace(b'id="a"', b'id="start"')),
    ("missing-id", STRAIGHT.replace(b' id="a"', b"")),
    ("missing-id", STRAIGHT.replace(b'process id="p"', b"process"))])
def test_ids(rule, content):
    found = rules(content)
    assert rule in found


def test_first_schema_violation_is_named_with_its_line():
    found = [item for item in lint([SourceFile("a.bpmn", process("p", start(), node("nonsense")))])
             if item.rule == "schema"]
    assert found[0].line > 1 and "bpmn:nonsense" in found[0].message


def test_what_nothing_refers_to_needs_no_id_and_a_data_store_no_name():
    roots = b'<bpmn:dataStore id="ds"/><bpmn:signal/><bpmn:error errorCode="E"/><bpmn:escalation/><bpmn:message/>'
    assert rules(STRAIGHT.replace(b"<bpmn:process", roots + b"<bpmn:process", 1)) == rules(STRAIGHT)


def test_data_stores_and_foreign_extensions_do_no_harm():
    store = node("dataStoreReference", id="ref", dataStoreRef="store")
    foreign = node("thing", namespace="urn:foreign", some="thing")
    content = process("p", start(), task("a", foreign, zeebe("properties", zeebe("property", name="n", value="v"))),
                      end(), store, node("dataObject", id="o"), node("dataObjectReference", id="r", dataObjectRef="o"),
                      chain("start", "a", "end"))
    content = content.replace(b"<bpmn:process", b'<bpmn:dataStore id="store" name="anything"/><bpmn:process', 1)
    process_read = load([SourceFile("a.bpmn", content)]).processes["p"]
    assert process_read.elements["a"].properties == {"n": "v"}
    assert set(process_read.elements) == {"start", "a", "end"}


def test_lint_never_raises_on_mangled_files():
    for place in range(40, len(STRAIGHT), 7):
        lint([SourceFile("a.bpmn", STRAIGHT[:place] + b"x" + STRAIGHT[place + 1:])])
        lint([SourceFile("a.bpmn", STRAIGHT[:place] + STRAIGHT[place + 9:])])


def test_participants_and_pool_names():
    content = process("p", start(), end(), chain("start", "end")).replace(
        b"<bpmn:process", b'<bpmn:collaboration id="c"><bpmn:participant id="x" name="Pool" processRef="p"/>'
                          b"</bpmn:collaboration><bpmn:process", 1)
    bundle = load([SourceFile("a.bpmn", content)])
    assert bundle.models[0].participants[0].process == "p" and bundle.processes["p"].name == "Pool"


