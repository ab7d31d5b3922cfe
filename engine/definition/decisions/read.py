"""From the lxml tree of a DMN file to its model; requirements are resolved across the files deployed together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.definition.decisions.boxes import BoxReader, child, children, normal
from engine.definition.decisions.model import DecisionModel, FunctionBox, ItemDefinition, Node, Reference
from engine.definition.decisions.texts import place
from engine.definition.markup import Node as Xml
from engine.definition.markup import flag, line, local, namespace
from engine.definition.report import Report

NAMESPACE = "://www.omg.org/spec/DMN/"
VERSIONS = ("20151101", "20180521", "20191111", "20211108", "20230324", "20240513")
NODES = ("decision", "inputData", "businessKnowledgeModel", "decisionService")
NAMED = frozenset({"variable", "formalParameter", "parameter", "itemComponent", "inputData", "decision", "column",
                   "businessKnowledgeModel", "decisionService", "import", "output"})
REQUIREMENTS = {"informationRequirement": ("requiredDecision", "requiredInput"),
                "knowledgeRequirement": ("requiredKnowledge",)}


def is_dmn(root: Xml) -> bool:
    return local(root) == "definitions" and NAMESPACE in namespace(root)


def read_models(roots: Sequence[tuple[Xml, Report]]) -> list[DecisionModel]:
    """All DMN files deployed together, so that one may import another by its namespace."""
    names = {root: frozenset(_names(root)) for root, _ in roots}
    everything = frozenset().union(*names.values()) if names else frozenset()
    models = [_model(root, report, everything if children(root, "import") else names[root]) for root, report in roots]
    by_namespace = {model.namespace: model for model in reversed(models)}
    models = [_linked(model, by_namespace) for model in models]
    by_namespace = {model.namespace: model for model in reversed(models)}
    for model, (root, report) in zip(models, roots, strict=True):
        _resolve(model, root, {**by_namespace, model.file: model}, report)
    return models


def _names(root: Xml) -> Iterator[str]:
    for node in root.iter("{*}*"):
        if local(node) in NAMED and node.get("name"):
            yield normal(node.get("name", ""))
        if node.get("iteratorVariable"):
            yield normal(node.get("iteratorVariable", ""))


def _model(root: Xml, report: Report, names: frozenset[str]) -> DecisionModel:
    if not any(version in namespace(root) for version in VERSIONS):
        report.add("dmn-version", line=line(root), namespace=namespace(root))
    reader = BoxReader(names, report)
    own = report.file
    nodes: dict[str, Node] = {}
    for item in _nodes(root):
        if not item.get("id") and not item.get("name"):
            report.add("missing-id", "", line(item), kind=local(item))
            continue
        node = _node(item, own, reader)
        if node.id in nodes:
            report.add("duplicate-id", node.id, node.line, kind=node.kind)
        nodes.setdefault(node.id, node)
    types = {item.get("name", ""): _type(item, reader) for item in children(root, "itemDefinition")}
    imports = [(normal(item.get("name", "")), item.get("namespace", "")) for item in children(root, "import")
               if NAMESPACE in item.get("importType", "")]
    return DecisionModel(own, root.get("id", ""), root.get("name", ""), root.get("namespace", ""), nodes, types,
                         {name: wanted for name, wanted in imports if name},
                         tuple(wanted for name, wanted in imports if not name))


def _linked(model: DecisionModel, known: Mapping[str, DecisionModel]) -> DecisionModel:
    """References to what the model does not define itself lead to the models it imports without a name."""
    around = joined(model, known)
    if not around:
        return model

    def link(refs: tuple[Reference, ...]) -> tuple[Reference, ...]:
        return tuple(next((Reference(other.namespace, ref.id) for other in around if ref.id in other.nodes), ref)
                     if ref.model == model.file and ref.id not in model.nodes else ref for ref in refs)

    return replace(model, nodes={key: replace(node, requires=link(node.requires), outputs=link(node.outputs),
                                              parameters=link(node.parameters)) for key, node in model.nodes.items()})


def joined(model: DecisionModel, known: Mapping[str, DecisionModel]) -> list[DecisionModel]:
    """The models imported without a name, directly or by one of them, nearest path first."""
    found: list[DecisionModel] = []
    ahead = list(reversed(model.joined))
    while ahead:
        other = known.get(ahead.pop())
        if other is not None and other.namespace != model.namespace and other not in found:
            found.append(other)
            ahead += reversed(other.joined)
    return found


def _nodes(root: Xml) -> Iterator[Xml]:
    return (item for item in root if local(item) in NODES)


def _node(item: Xml, own: str, reader: BoxReader) -> Node:
    kind, variable = local(item), child(item, "variable")
    name = normal(item.get("name", ""))
    own_id = item.get("id") or name  # the standard leaves the id to choice
    logic = child(item, "encapsulatedLogic")
    box = reader.function(logic) if logic is not None else None
    if kind == "decision":
        return Node(own_id, kind, name, _variable(variable, name), _variable_type(variable),
                    reader.box_in(item), tuple(_requirements(item, own)), line=line(item))
    if kind == "businessKnowledgeModel":
        return Node(own_id, kind, name, _variable(variable, name), _variable_type(variable),
                    box or FunctionBox((), None), tuple(_requirements(item, own)), line=line(item))
    if kind == "decisionService":
        inner = [*children(item, "outputDecision"), *children(item, "encapsulatedDecision")]
        return Node(own_id, kind, name, _variable(variable, name), _variable_type(variable), None,
                    tuple(_href(ref, own) for ref in inner),
                    tuple(_href(ref, own) for ref in children(item, "outputDecision")),
                    tuple(_href(ref, own) for part in ("inputData", "inputDecision") for ref in children(item, part)),
                    line(item))
    return Node(own_id, kind, name, _variable(variable, name), _variable_type(variable), line=line(item))


def _variable(variable: Xml | None, name: str) -> str:
    return normal(variable.get("name", "")) or name if variable is not None else name


def _variable_type(variable: Xml | None) -> str | None:
    return variable.get("typeRef") or None if variable is not None else None


def _requirements(item: Xml, own: str) -> Iterator[Reference]:
    for requirement, parts in REQUIREMENTS.items():
        for node in children(item, requirement):
            for part in parts:
                found = child(node, part)
                if found is not None and found.get("href"):
                    yield _href(found, own)


def _href(node: Xml, own: str) -> Reference:
    """``#id`` is of this model, ``namespace#id`` of an imported one (DMN 13.3.2)."""
    before, _, name = node.get("href", "").rpartition("#")
    return Reference(before or own, name)


def _type(item: Xml, reader: BoxReader) -> ItemDefinition:
    name = normal(item.get("name", ""))
    base, allowed = child(item, "typeRef"), child(item, "allowedValues")
    constraint, function = child(item, "typeConstraint"), child(item, "functionItem")
    return ItemDefinition(
        name, (base.text or "").strip() or None if base is not None else None,
        flag(item, "isCollection", False),
        tuple(_type(part, reader) for part in children(item, "itemComponent")) or _parameters(function),
        reader.tests(allowed, place("allowed", name=name)) if allowed is not None else None,
        reader.tests(constraint, place("constraint", name=name)) if constraint is not None else None,
        function is not None, function.get("outputTypeRef") if function is not None else None,
        reader.ordered(allowed) if allowed is not None else ())


def _parameters(function: Xml | None) -> tuple[ItemDefinition, ...]:
    if function is None:
        return ()
    return tuple(ItemDefinition(normal(item.get("name", "")), item.get("typeRef") or None)
                 for item in children(function, "parameters"))


def _resolve(model: DecisionModel, root: Xml, known: Mapping[str, DecisionModel], report: Report) -> None:
    """Names what a model requires but nobody has, and requirements that lead back to themselves."""
    for name, wanted in (*model.imports.items(), *(("", wanted) for wanted in model.joined)):
        if wanted not in known:
            report.add("import-unsupported", name, line(root), name=name or wanted)
    for node in model.nodes.values():
        for ref in (*node.requires, *node.parameters):
            target = known.get(ref.model)
            if target is None or ref.id not in target.nodes:
                report.add("dmn-reference", node.id, node.line, name=ref.id)
    for node in model.nodes.values():
        path = _cycle(node, model)
        if path:
            report.add("dmn-cycle", node.id, node.line, path=" → ".join(path))


def _cycle(start: Node, model: DecisionModel) -> list[str]:
    """A way from a decision back to itself by its requirements, if there is one."""
    ahead: list[tuple[Node, list[str]]] = [(start, [start.id])]
    seen: set[str] = set()
    while ahead and start.kind == "decision":
        node, path = ahead.pop()
        for ref in node.requires:
            if ref.model == model.file and ref.id == start.id:
                return [*path, start.id]
            target = model.nodes.get(ref.id) if ref.model == model.file else None
            if target is not None and target.kind == "decision" and target.id not in seen:
                seen.add(target.id)
                ahead.append((target, [*path, target.id]))
    return []
