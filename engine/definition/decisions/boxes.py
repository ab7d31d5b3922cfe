"""Reads expressions: literal FEEL, decision tables and the other boxes (DMN 7.3, 8.3, 10.2)."""

from __future__ import annotations

from collections.abc import Iterable

from engine.definition.decisions.model import (
    Box,
    Conditional,
    ContextBox,
    Entry,
    Filter,
    FunctionBox,
    Input,
    Invocation,
    Iteration,
    ListBox,
    Literal,
    Output,
    Parameter,
    Relation,
    Rule,
    Table,
    Tests,
    Typed,
)
from engine.definition.decisions.texts import cells, place
from engine.definition.markup import Node, line, local, text
from engine.definition.report import Report
from engine.feel import Diagnosis, Expression, FeelSyntaxError, compile_expression, compile_unary_tests, describe

BOXES = frozenset({"literalExpression", "decisionTable", "context", "functionDefinition", "invocation", "relation",
                   "list", "conditional", "filter", "for", "every", "some"})
ANYTHING = ("", "-")


class BoxReader:
    """Reads the boxes of one model. ``names`` are all names of the model, so that those with spaces are recognised."""

    def __init__(self, names: Iterable[str], report: Report) -> None:
        self.names = frozenset(names)
        self.report = report

    def box_in(self, holder: Node | None) -> Box | None:
        """The one expression inside an element; None if there is none."""
        if holder is None:
            return None
        found = next((child for child in holder if local(child) in BOXES), None)
        return self.box(found) if found is not None else None

    def box(self, node: Node) -> Box:
        kind, wanted = local(node), node.get("typeRef")
        if kind == "literalExpression":
            return self.literal(node)
        if kind == "functionDefinition":
            return self.function(node)
        return Typed(self._untyped(node, kind), wanted) if wanted else self._untyped(node, kind)

    def _untyped(self, node: Node, kind: str) -> Box:
        if kind == "decisionTable":
            return self.table(node)
        if kind == "context":
            return ContextBox(tuple(self._entry(entry) for entry in children(node, "contextEntry")))
        if kind == "invocation":
            return self._invocation(node)
        if kind == "relation":
            return self._relation(node)
        if kind == "list":
            return ListBox(tuple(self.box(item) for item in node if local(item) in BOXES))
        return self._boxed(node, kind)

    def _boxed(self, node: Node, kind: str) -> Box:
        """The boxes of DMN 1.4: their parts are named elements that hold one expression each."""
        if kind == "conditional":
            return Conditional(*(self.box_in(child(node, part)) for part in ("if", "then", "else")))
        if kind == "filter":
            return Filter(self.box_in(child(node, "in")), self.box_in(child(node, "match")))
        body = "return" if kind == "for" else "satisfies"
        return Iteration(kind, node.get("iteratorVariable", ""), self.box_in(child(node, "in")),
                         self.box_in(child(node, body)))

    def literal(self, node: Node | None, where: Diagnosis | None = None) -> Literal:
        if node is None:
            return Literal("", None)
        written, wanted = text(child(node, "text")), node.get("typeRef") or None
        language = node.get("expressionLanguage")
        if language and "feel" not in language.lower():
            self.report.add("dmn-language", owner(node), line(node), language=language)
            return Literal(written, None, Diagnosis("dmn.language", {"language": language}), wanted, where)
        if not written:
            return Literal("", None, None, wanted, where)
        try:
            return Literal(written, self._compiled(written), None, wanted, where)
        except FeelSyntaxError as error:
            return Literal(written, None, self._refuse(node, where, written, error), wanted, where)

    def _compiled(self, written: str) -> Expression:
        """An expression, or several of them side by side, which are a list (10.3.1.2, textual expressions)."""
        try:
            return compile_expression(written, self.names)
        except FeelSyntaxError as error:
            if error.params.get("found") != ",":
                raise
            try:
                return compile_expression(f"[{written}]", self.names)
            except FeelSyntaxError:
                raise error from None

    def tests(self, node: Node | None, where: Diagnosis | None) -> Tests:
        written = text(child(node, "text")) if node is not None else ""
        if node is None or written in ANYTHING:
            return Tests(written, None, None, where)
        try:
            return Tests(written, compile_unary_tests(written, self.names), None, where)
        except FeelSyntaxError as error:
            return Tests(written, None, self._refuse(node, where, written, error), where)

    def _refuse(self, node: Node, where: Diagnosis | None, written: str, error: FeelSyntaxError) -> Diagnosis:
        """A finding in both languages: ``what_zh`` and ``reason_zh`` are for the Chinese sentence."""
        what = where or place("expression")
        self.report.add("dmn-feel", owner(node), line(node), what=describe(what, "en"), what_zh=describe(what, "zh"),
                        text=written, row=error.line, column=error.column, reason=error.message,
                        reason_zh=describe(error, "zh"), cause=error.code, place=what.code.removeprefix("dmn.at."),
                        **{f"table_{name}": value for name, value in what.params.items()})
        return Diagnosis(error.code, error.params, error.line, error.column)

    def table(self, node: Node) -> Table:
        inputs = tuple(self._input(item, number) for number, item in enumerate(children(node, "input"), 1))
        outputs = tuple(self._output(item) for item in children(node, "output"))
        rules = tuple(self._rule(item, number) for number, item in enumerate(children(node, "rule"), 1))
        for number, (rule, item) in enumerate(zip(rules, children(node, "rule"), strict=True), 1):
            if len(rule.tests) != len(inputs) or len(rule.entries) != len(outputs):
                wrong = cells(number, rule, len(inputs), len(outputs))
                self.report.add("dmn-structure", owner(node), line(item), reason=describe(wrong, "en"),
                                reason_zh=describe(wrong, "zh"), table_rule=number)
        return Table(node.get("hitPolicy", "UNIQUE"), node.get("aggregation"), inputs, outputs, rules)

    def _input(self, node: Node, number: int) -> Input:
        expression = self.literal(child(node, "inputExpression"), place("input", number=number))
        values = child(node, "inputValues")
        allowed = self.tests(values, place("input-values", number=number)) if values is not None else None
        return Input(node.get("label") or expression.text, expression, allowed)

    def _output(self, node: Node) -> Output:
        values, default = child(node, "outputValues"), child(node, "defaultOutputEntry")
        name = node.get("name") or node.get("label") or ""
        order = self.ordered(values) if values is not None else ()
        allowed = self.tests(values, place("output-values", name=name)) if values is not None else None
        return Output(name, node.get("typeRef") or None, allowed, order,
                      self.literal(default, place("default", name=name)) if default is not None else None)

    def ordered(self, node: Node) -> tuple[Literal, ...]:
        """Allowed values as a list, for their order (DMN 8.2.10); ranges and comparisons give none."""
        written = text(child(node, "text"))
        try:
            return (Literal(f"[{written}]", compile_expression(f"[{written}]", self.names)),)
        except FeelSyntaxError:
            return ()

    def _rule(self, node: Node, number: int) -> Rule:
        name = node.get("id") or str(number)
        tests = tuple(self.tests(item, place("input-entry", rule=number, column=column))
                      for column, item in enumerate(children(node, "inputEntry"), 1))
        entries = tuple(self.literal(item, place("output-entry", rule=number, column=column))
                        for column, item in enumerate(children(node, "outputEntry"), 1))
        return Rule(name, tests, entries)

    def _entry(self, node: Node) -> Entry:
        variable = child(node, "variable")
        box = self.box_in(node)
        if variable is None:
            return Entry(None, None, box)
        return Entry(normal(variable.get("name", "")), variable.get("typeRef") or None, box)

    def function(self, node: Node) -> FunctionBox:
        parameters = tuple(Parameter(normal(item.get("name", "")), item.get("typeRef") or None)
                           for item in children(node, "formalParameter"))
        return FunctionBox(parameters, self.box_in(node), node.get("kind", "FEEL"), node.get("typeRef") or None)

    def _invocation(self, node: Node) -> Invocation:
        bindings = []
        for binding in children(node, "binding"):
            parameter = child(binding, "parameter")
            if parameter is not None:
                named = Parameter(normal(parameter.get("name", "")), parameter.get("typeRef") or None)
                bindings.append((named, self.box_in(binding)))
        return Invocation(self.box_in(node), tuple(bindings))

    def _relation(self, node: Node) -> Relation:
        columns = tuple(Parameter(normal(item.get("name", "")), item.get("typeRef") or None)
                        for item in children(node, "column"))
        rows = tuple(tuple(self.box(item) for item in row if local(item) in BOXES) for row in children(node, "row"))
        return Relation(columns, rows)


def children(node: Node, name: str) -> list[Node]:
    """Children by local name: the namespace differs from version to version."""
    return [item for item in node if local(item) == name]


def child(node: Node | None, name: str) -> Node | None:
    return next((item for item in node if local(item) == name), None) if node is not None else None


def owner(node: Node) -> str:
    """The id of the decision or knowledge model that an expression belongs to."""
    for found in (node, *node.iterancestors()):
        if local(found) in ("decision", "businessKnowledgeModel", "itemDefinition", "decisionService"):
            return found.get("id") or found.get("name") or ""
    return node.get("id") or ""


def normal(name: str) -> str:
    return " ".join(name.split())
