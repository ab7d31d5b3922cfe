"""One evaluation of a requirement graph: nodes are valued once, boxes in the scope of their node (DMN 7.2, 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.definition.decisions import tables
from engine.definition.decisions.model import (
    Box,
    Conditional,
    ContextBox,
    DecisionModel,
    Filter,
    FunctionBox,
    Invocation,
    Iteration,
    ListBox,
    Literal,
    Node,
    Parameter,
    Reference,
    Relation,
    Table,
    Tests,
    Typed,
)
from engine.definition.decisions.types import Types
from engine.feel import Diagnosis, Function, compile_expression

MAX_DEPTH = 60
Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """Why something became null: the node it happened in, a stable code, and the English text."""

    element: str
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Evaluation:
    """``variables`` are the inputs by name; ``models`` the own model by file, imported ones also by namespace."""

    def __init__(self, models: Mapping[str, DecisionModel], types: Mapping[str, Types], variables: Mapping[str, Any],
                 functions: Mapping[str, Any] | None, now: datetime | None) -> None:
        self.models = models
        self.types = types
        self.variables = variables
        self.functions = functions
        self.now = now
        self.remarks: list[Remark] = []
        self.matched: dict[str, tuple[str, ...]] = {}
        self.inputs: dict[str, dict[str, Any]] = {}
        self._values: dict[Reference, Any] = {}
        self._depth = 0

    # -- nodes --------------------------------------------------------------------------------------------------------

    def value(self, ref: Reference, given: Mapping[Reference, Any] | None = None) -> Any:
        """The value of a node; ``given`` are values handed to a decision service instead of being worked out."""
        if given is not None and ref in given:
            return given[ref]
        memo = self._values if given is None else None
        if memo is not None and ref in memo:
            return memo[ref]
        model = self.models.get(ref.model)
        node = model.nodes.get(ref.id) if model is not None else None
        found = Frame(self, node, ref.model, given).run() if node is not None else None
        if memo is not None:
            memo[ref] = found
        return found

    def remark(self, element: str, code: str, message: str, **params: Any) -> None:
        self.remarks.append(Remark(element, code, message, params))

    def enter(self) -> bool:
        self._depth += 1
        return self._depth <= MAX_DEPTH

    def leave(self) -> None:
        self._depth -= 1


class Frame:
    """A node being valued: its scope and its types."""

    def __init__(self, evaluation: Evaluation, node: Node, model: str,
                 given: Mapping[Reference, Any] | None = None) -> None:
        self.evaluation = evaluation
        self.node = node
        self.model = model
        self.given = given
        self.types = evaluation.types[model]

    def run(self) -> Any:
        node, evaluation = self.node, self.evaluation
        if node.kind == "inputData":
            return self.typed(evaluation.variables.get(node.variable), node.type, "input")
        if node.kind == "decisionService":
            return self._service()
        scope: Scope = dict(evaluation.variables)
        self._require(scope)
        if node.kind == "businessKnowledgeModel":
            scope[node.variable] = function = self._closure(node.variable, node.box, scope)
            return function
        if not evaluation.enter():
            evaluation.leave()
            return self.null("depth", f"the requirements of '{node.name}' go deeper than {MAX_DEPTH}")
        try:
            return self.typed(self.box(node.box, scope), node.type, "result")
        finally:
            evaluation.leave()

    def _require(self, scope: Scope) -> None:
        """Puts what the node requires into its scope; what is imported goes under the name of its import."""
        model = self.evaluation.models[self.model]
        by_namespace = {namespace: name for name, namespace in model.imports.items()}
        for ref in self.node.requires:
            target = self.evaluation.models.get(ref.model)
            node = target.nodes.get(ref.id) if target is not None else None
            if node is None:
                continue
            value = self.evaluation.value(ref, self.given)
            prefix = by_namespace.get(ref.model, "") if ref.model != self.model else ""
            if prefix:
                inner = scope.get(prefix)
                scope[prefix] = {**(inner if isinstance(inner, dict) else {}), node.variable: value}
            else:
                scope[node.variable] = value

    def _service(self) -> Any:
        """A decision service is a function of its input data and input decisions (DMN 10.4)."""
        inputs = [(ref, self.evaluation.models[ref.model].nodes[ref.id]) for ref in self.node.parameters
                  if ref.id in self.evaluation.models.get(ref.model, EMPTY_MODEL).nodes]

        declared = self.types.parameters_of(self.node.type)

        def call(arguments: Sequence[Any]) -> Any:
            given = {ref: self.typed(value, node.type or declared.get(node.variable), "argument")
                     for (ref, node), value in zip(inputs, arguments, strict=True)}
            values = {ref: self.evaluation.value(ref, given) for ref in self.node.outputs}
            if len(values) == 1:
                found = next(iter(values.values()))
            else:
                found = {self.evaluation.models[ref.model].nodes[ref.id].variable: value
                         for ref, value in values.items()}
            return self.typed(found, self.types.result_of(self.node.type), "result")

        return Closure(self, self.node.variable, [node.variable for _, node in inputs], call)

    # -- boxes --------------------------------------------------------------------------------------------------------

    def box(self, box: Box | None, scope: Scope) -> Any:
        if box is None:
            return self.null("empty", f"'{self.node.name}' has no expression")
        return HANDLERS[type(box)](self, box, scope)

    def literal(self, literal: Literal, scope: Scope) -> Any:
        if literal.compiled is None:
            return self.null("syntax", f"'{literal.text}' is not FEEL: {literal.error}") if literal.error else None
        result = literal.compiled.evaluate(scope, functions=self.evaluation.functions, now=self.evaluation.now,
                                           types=self.types.tests, shapes=self.types.shapes)
        self.diagnose(result.warnings, literal.text)
        return self.typed(result.value, literal.type, "expression")

    def test(self, tests: Tests, value: Any, scope: Scope) -> bool:
        if tests.compiled is None:
            return not tests.error
        result = tests.compiled.evaluate(value, scope, functions=self.evaluation.functions, now=self.evaluation.now,
                                         types=self.types.tests, shapes=self.types.shapes)
        return result.value is True

    def table(self, table: Table, scope: Scope) -> Any:
        return tables.evaluate(table, self, scope)

    def context(self, box: ContextBox, scope: Scope) -> Any:
        inner, made = dict(scope), {}
        for entry in box.entries:
            value = self.box(entry.box, inner)
            if entry.name is None:
                return value
            value = self.typed(value, entry.type, f"entry '{entry.name}'")
            inner[entry.name] = made[entry.name] = value
        return made

    def function(self, box: FunctionBox, scope: Scope) -> Any:
        return self._closure("function", box, scope)

    def _closure(self, name: str, box: Box | None, scope: Scope) -> Any:
        if not isinstance(box, FunctionBox):
            return None

        def call(arguments: Sequence[Any]) -> Any:
            if box.kind != "FEEL":
                return self.null("kind", f"'{name}' is a {box.kind} function; only FEEL is evaluated")
            inner = dict(scope)
            for parameter, value in zip(box.parameters, arguments, strict=True):
                inner[parameter.name] = self.typed(value, parameter.type, f"parameter '{parameter.name}'")
            wanted = self.types.result_of(box.type) or self._result_type()
            return self.typed(self.box(box.body, inner), wanted, "result")

        return Closure(self, name, [parameter.name for parameter in box.parameters], call)

    def _result_type(self) -> str | None:
        return self.types.result_of(self.node.type) if self.node.kind == "businessKnowledgeModel" else None

    def invocation(self, box: Invocation, scope: Scope) -> Any:
        target = self.box(box.function, scope)
        if not isinstance(target, Function):
            target = self._builtin(box.function)
        inner = dict(scope)
        names = []
        for number, (parameter, bound) in enumerate(box.bindings):
            inner[f"argument{number}"] = self.typed(self.box(bound, scope), parameter.type, f"'{parameter.name}'")
            names.append(f"{parameter.name}: argument{number}")
        if isinstance(target, Function):
            inner["invoked"] = target
            called = "invoked"
        elif target is not None:
            called = target
        else:
            return self.null("invocation", "what is invoked is no function")
        text = f"{called}({', '.join(names)})"
        compiled = compile_expression(text, [parameter.name for parameter, _ in box.bindings])
        return self.literal(Literal(text, compiled), inner)

    @staticmethod
    def _builtin(box: Box | None) -> str | None:
        return box.text if isinstance(box, Literal) and box.text else None

    def relation(self, box: Relation, scope: Scope) -> Any:
        return [{column.name: self._cell(column, cell, scope) for column, cell in zip(box.columns, row, strict=False)}
                for row in box.rows]

    def _cell(self, column: Parameter, cell: Box | None, scope: Scope) -> Any:
        return self.typed(self.box(cell, scope), column.type, f"column '{column.name}'")

    def list(self, box: ListBox, scope: Scope) -> Any:
        return [self.box(item, scope) for item in box.items]

    def conditional(self, box: Conditional, scope: Scope) -> Any:
        condition = self.box(box.condition, scope)
        if condition is not None and not isinstance(condition, bool):
            self.null("condition", "the condition is neither true nor false")
        return self.box(box.then if condition is True else box.otherwise, scope)

    def filter(self, box: Filter, scope: Scope) -> Any:
        """As FEEL filters: entries of an item that is a context are in scope, and so is ``item``."""
        def match(arguments: Sequence[Any]) -> Any:
            item = arguments[0]
            return self.box(box.match, {**scope, **(item if isinstance(item, dict) else {}), "item": item})

        keep = Closure(self, "match", ["item"], match)
        return self._feel("boxed_source[boxed_match(item)]", {"boxed_source": self.box(box.source, scope),
                                                              "boxed_match": keep})

    def iteration(self, box: Iteration, scope: Scope) -> Any:
        def body(arguments: Sequence[Any]) -> Any:
            return self.box(box.body, {**scope, box.variable: arguments[0], "partial": arguments[1]})

        each, partial = ("return", "partial") if box.kind == "for" else ("satisfies", "null")
        return self._feel(f"{box.kind} boxed_item in boxed_source {each} boxed_body(boxed_item, {partial})",
                          {"boxed_source": self.box(box.source, scope),
                           "boxed_body": Closure(self, box.kind, ["item", "partial"], body)})

    def typed_box(self, box: Typed, scope: Scope) -> Any:
        return self.typed(self.box(box.box, scope), box.type, "expression")

    def _feel(self, text: str, scope: Scope) -> Any:
        return self.literal(Literal(text, compile_expression(text)), scope)

    # -- words --------------------------------------------------------------------------------------------------------

    def typed(self, value: Any, wanted: str | None, what: str) -> Any:
        suits, converted = self.types.conform(value, wanted)
        return converted if suits else self.null("type", f"the {what} of '{self.node.name}' is not a {wanted}")

    def order_of(self, wanted: str | None) -> tuple[Literal, ...]:
        """Allowed values of a type stand in for output values that a table does not list (DMN 8.2.10)."""
        item = self.types.find(wanted)
        return item.order if item is not None else ()

    def null(self, code: str, message: str) -> None:
        self.evaluation.remark(self.node.id, f"dmn.{code}", message)

    def diagnose(self, found: Sequence[Diagnosis], text: str) -> None:
        for item in found:
            self.evaluation.remark(self.node.id, item.code, f"{item.message} in '{text}'", **item.params)


class Closure(Function):
    """A knowledge model, boxed function or decision service as a FEEL function."""

    __slots__ = ("_call", "_frame")

    def __init__(self, frame: Frame, name: str, parameters: Sequence[str],
                 call: Callable[[Sequence[Any]], Any]) -> None:
        super().__init__(name, tuple((parameter, None) for parameter in parameters))
        self._frame = frame
        self._call = call

    def call(self, run: Any, arguments: Sequence[Any]) -> Any:
        if len(arguments) != len(self.parameters):
            return self._frame.null("arguments", f"'{self.name}' takes {len(self.parameters)} arguments")
        evaluation = self._frame.evaluation
        inside = evaluation.enter()
        try:
            if not inside:
                return self._frame.null("depth", f"'{self.name}' calls itself too deep")
            return self._call(arguments)
        finally:
            evaluation.leave()

    def call_named(self, run: Any, arguments: Mapping[str, Any]) -> Any:
        names = [name for name, _ in self.parameters]
        if set(arguments) != set(names):
            return self._frame.null("arguments", f"'{self.name}' takes {', '.join(names) or 'nothing'}")
        return self.call(run, [arguments[name] for name in names])


EMPTY_MODEL = DecisionModel("", "", "", "", {}, {})
HANDLERS: dict[type, Callable[[Frame, Any, Scope], Any]] = {
    Typed: Frame.typed_box, Literal: Frame.literal,
    Table: Frame.table, ContextBox: Frame.context, FunctionBox: Frame.function,
    Invocation: Frame.invocation, Relation: Frame.relation, ListBox: Frame.list, Conditional: Frame.conditional,
    Filter: Frame.filter, Iteration: Frame.iteration,
}


def closure_of(models: Sequence[DecisionModel], start: DecisionModel) -> dict[str, DecisionModel]:
    """The model by its file, and everything it imports, directly or not, by file and by namespace."""
    by_namespace = {model.namespace: model for model in reversed(models)}
    found, ahead = {start.file: start}, [*start.imports.values(), *start.joined]
    while ahead:
        model = by_namespace.get(ahead.pop())
        if model is not None and model.namespace not in found:
            found[model.namespace] = found[model.file] = model
            ahead += [*model.imports.values(), *model.joined]
    return found
