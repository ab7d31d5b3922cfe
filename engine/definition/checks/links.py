"""Link events come in pairs by name within one scope (BPMN 10.5.1, 10.5.5)."""

from __future__ import annotations

from engine.definition.checks.subject import Subject
from engine.definition.events import is_link_catch, is_link_throw
from engine.definition.markup import Node, bpmn_child, bpmn_children, local, text
from engine.definition.model import Element, Kind, Trigger


def check(subject: Subject) -> None:
    throws = [event for event in subject.of(Kind.THROW_EVENT) if is_link_throw(event)]
    catches = [event for event in subject.of(Kind.CATCH_EVENT) if is_link_catch(event)]
    seen: set[tuple[str, str]] = set()
    for event in catches:
        key = event.scope, name(event)
        if key in seen:
            subject.add("link-several-targets", event, name=key[1])
        seen.add(key)
        if event.incoming:
            subject.add("link-flow", event, direction="incoming")
    for event in throws:
        if event.outgoing:
            subject.add("link-flow", event, direction="outgoing")
    for event, others, missing in [(event, catches, "catching") for event in throws] + [
            (event, throws, "throwing") for event in catches]:
        _pair(event, others, missing, subject)
    _references(throws, catches, subject)


def name(event: Element) -> str:
    return next((item.name.text for item in event.events if item.trigger is Trigger.LINK and item.name), "")


def _pair(event: Element, others: list[Element], missing: str, subject: Subject) -> None:
    if len(event.events) > 1:
        subject.add("link-multiple", event, count=len(event.events))
    if not name(event):
        subject.add("link-name", event)
    elif not any(other.scope == event.scope and name(other) == name(event) for other in others):
        subject.add("link-pair", event, name=name(event), missing=missing)


def _references(throws: list[Element], catches: list[Element], subject: Subject) -> None:
    """bpmn:target and bpmn:source are optional here, because names decide; where a file uses them they must agree."""
    targets = {event.id: _link(event, subject) for event in catches}
    sources = {event.id: _link(event, subject) for event in throws}
    links = [link for link in (*targets.values(), *sources.values()) if link is not None]
    if not any(bpmn_children(link, "target") or bpmn_children(link, "source") for link in links):
        return
    by_id = {link.get("id"): event for event, link in (*targets.items(), *sources.items()) if link is not None}
    for event in (*throws, *catches):
        link = sources.get(event.id) if event in throws else targets.get(event.id)
        if link is None:
            continue
        partners = catches if event in throws else throws
        named = [text(child) for child in bpmn_children(link, "target" if event in throws else "source")]
        known = {partner.id for partner in partners if partner.scope == event.scope and name(partner) == name(event)}
        if not named or any(by_id.get(item.rpartition(":")[2]) not in known for item in named):
            subject.add("link-pair", event, name=", ".join(named),
                        missing="catching" if event in throws else "throwing")


def _link(event: Element, subject: Subject) -> Node | None:
    node = subject.node(event)
    if node is None:
        return None
    own = bpmn_child(node, "linkEventDefinition")
    if own is not None:
        return own
    refs = bpmn_children(node, "eventDefinitionRef")
    shared = (subject.index.by_id.get(text(ref).rpartition(":")[2]) for ref in refs)
    return next((item for item in shared if item is not None and local(item) == "linkEventDefinition"), None)
