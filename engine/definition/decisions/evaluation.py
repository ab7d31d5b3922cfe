"""One evaluation of a requirement graph: nodes are valued once, boxes in the scope of their node (DMN 7.2, 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from engine.definition.decisions.tables import said
from engine.definition.decisions.texts import Remark, shortened, subject
from engine.definition.decisions.types import Types
from engine.feel import Diagnosis, Function, compile_call, compile_expression

MAX_DEPTH = 60
MAX_REMARKS = 100
INPUT, RESULT, EXPRESSION, ARGUMENT = (subject(what) for what in ("input", "result", "expression", "argument"))
Scope = dict[str, Any]


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
        self._making: dict[Reference, Any] = {}
        self._depth = 0

    # -- nodes --------------------------------------------------------------------------------------------------------

    def value(self, ref: Reference, given: Mapping[Reference, Any] | None = None) -> Any:
        """The value of a node; ``given`` are values handed to a decision service instead of being worked out."""
        if given is not None and ref in given:
            return given[ref]
        memo = self._values if given is None else None
        if memo is not None and ref in memo:
            return memo[ref]
        if ref in self._making:
            return self._making[ref]
        model = self.models.get(ref.model)
        node = model.nodes.get(ref.id) if model is not None else None
        found = Frame(self, node, ref.model, given).run() if node is not None else None
        if memo is not None:
            memo[ref] = found
        return found

    @contextmanager
    def making(self, ref: Reference, function: Any) -> Iterator[None]:
        """While what a knowledge model requires is looked up, it is known itself: it may require itself, or be
        required by what it requires (DMN 6.3.9: recursion)."""
        self._making[ref] = function
        try:
            yield
        finally:
            del self._making[ref]

    def remark(self, remark: Remark) -> None:
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(remark)

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
            return self.typed(evaluation.variables.get(node.variable), node.type, INPUT)
        if node.kind == "decisionService":
            return self._service()
        scope: Scope = dict(evaluation.variables)
        if node.kind == "businessKnowledgeModel":
            scope[node.variable] = function = self._closure(node.variable, node.box, scope)
            with evaluation.making(Reference(self.model, node.id), function):
                self._require(scope)
            return function
        self._require(scope)
        if not evaluation.enter():
            evaluation.leave()
            return self.null("depth", name=node.name, limit=MAX_DEPTH)
        try:
            return self.typed(self.box(node.box, scope), node.type, RESULT)
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
            given = {ref: self.typed(value, node.type or declared.get(node.variable), ARGUMENT)
                     for (ref, node), value in zip(inputs, arguments, strict=True)}
            values = {ref: self.evaluation.value(ref, given) for ref in self.node.outputs}
            if len(values) == 1:
                found = next(iter(values.values()))
            else:
                found = {self.evaluation.models[ref.model].nodes[ref.id].variable: value
                         for ref, value in values.items()}
            return self.typed(found, self.types.result_of(self.node.type), RESULT)

        return Closure(self, self.node.variable, [node.variable for _, node in inputs], call)

    # -- boxes --------------------------------------------------------------------------------------------------------

    def box(self, box: Box | None, scope: Scope) -> Any:
        if box is None:
            return self.null("empty", name=self.node.name)
        return HANDLERS[type(box)](self, box, scope)

    def literal(self, literal: Literal, scope: Scope) -> Any:
        if literal.compiled is None:
            return self._unreadable(literal) if literal.error is not None else None
        result = literal.compiled.evaluate(scope, functions=self.evaluation.functions, now=self.evaluation.now,
                                           types=self.types.tests, shapes=self.types.shapes)
        if result.warnings:
            self.diagnose(result.warnings, literal)
        return self.typed(result.value, literal.type, EXPRESSION)

    def _unreadable(self, literal: Literal) -> None:
        if literal.error is not None and literal.error.code == "dmn.language":
            return self.null("language", literal.place, **literal.error.params)
        return self.null("syntax", literal.place, text=shortened(literal.text), problem=literal.error)

    def test(self, tests: Tests, value: Any, scope: Scope) -> bool:
        if tests.compiled is None:
            return tests.error is None
        result = tests.compiled.evaluate(value, scope, functions=self.evaluation.functions, now=self.evaluation.now,
                                         types=self.types.tests, shapes=self.types.shapes)
        if result.value is None and value is not None:
            self._untold(tests, value, result.warnings)
        return result.value is True

    def _untold(self, tests: Tests, value: Any, warnings: Sequence[Diagnosis]) -> None:
        """A cell that can neither hold nor not hold for this input."""
        self.diagnose(warnings, tests)
        if not warnings:
            self.null("test", tests.place, text=tests.text, found=said(value))

    def table(self, table: Table, scope: Scope) -> Any:
        return tables.evaluate(table, self, scope)

    def context(self, box: ContextBox, scope: Scope) -> Any:
        inner, made = dict(scope), {}
        for entry in box.entries:
            value = self.box(entry.box, inner)
            if entry.name is None:
                return value
            value = self.typed(value, entry.type, subject("entry", name=entry.name))
            inner[entry.name] = made[entry.name] = value
        return made

    def function(self, box: FunctionBox, scope: Scope) -> Any:
        return self._closure("function", box, scope)

    def _closure(self, name: str, box: Box | None, scope: Scope) -> Any:
        if not isinstance(box, FunctionBox):
            return None

        def call(arguments: Sequence[Any]) -> Any:
            if box.kind != "FEEL":
                return self.null("kind", name=name, kind=box.kind)
            inner = dict(scope)
            for parameter, value in zip(box.parameters, arguments, strict=True):
                inner[parameter.name] = self.typed(value, parameter.type,
                                                    subject("parameter", name=parameter.name))
            wanted = self.types.result_of(box.type) or self._result_type()
            return self.typed(self.box(box.body, inner), wanted, RESULT)

        return Closure(self, name, [parameter.name for parameter in box.parameters], call)

    def _result_type(self) -> str | None:
        return self.types.result_of(self.node.type) if self.node.kind == "businessKnowledgeModel" else None

    def invocation(self, box: Invocation, scope: Scope) -> Any:
        target = self.box(box.function, scope)
        if not isinstance(target, Function):
            return self.null("invocation", found=said(target))
        inner = {**scope, "invoked": target}
        for number, (parameter, bound) in enumerate(box.bindings):
            inner[f"argument{number}"] = self.typed(self.box(bound, scope), parameter.type,
                                                    subject("parameter", name=parameter.name))
        compiled = compile_call("invoked", tuple(parameter.name for parameter, _ in box.bindings))
        return self.literal(Literal(box.function.text if isinstance(box.function, Literal) else "", compiled), inner)

    def relation(self, box: Relation, scope: Scope) -> Any:
        return [{column.name: self._cell(column, cell, scope) for column, cell in zip(box.columns, row, strict=False)}
                for row in box.rows]

    def _cell(self, column: Parameter, cell: Box | None, scope: Scope) -> Any:
        return self.typed(self.box(cell, scope), column.type, subject("column", name=column.name))

    def list(self, box: ListBox, scope: Scope) -> Any:
        return [self.box(item, scope) for item in box.items]

    def conditional(self, box: Conditional, scope: Scope) -> Any:
        condition = self.box(box.condition, scope)
        if condition is not None and not isinstance(condition, bool):
            self.null("condition", found=said(condition))
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
        return self.typed(self.box(box.box, scope), box.type, EXPRESSION)

    def _feel(self, text: str, scope: Scope) -> Any:
        return self.literal(Literal(text, compile_expression(text)), scope)

    # -- words --------------------------------------------------------------------------------------------------------

    def typed(self, value: Any, wanted: str | None, what: Diagnosis) -> Any:
        suits, converted = self.types.conform(value, wanted)
        if suits:
            return converted
        return self.null("type", name=self.node.name, what=what, type=wanted, found=said(value))

    def order_of(self, wanted: str | None) -> tuple[Literal, ...]:
        """Allowed values of a type stand in for output values that a table does not list (DMN 8.2.10)."""
        item = self.types.find(wanted)
        return item.order if item is not None else ()

    def null(self, code: str, where: Diagnosis | None = None, /, **params: Any) -> None:
        self.evaluation.remark(Remark(f"dmn.{code}", params, element=self.node.id, place=where))

    def diagnose(self, found: Sequence[Diagnosis], source: Literal | Tests) -> None:
        for item in found:
            self.evaluation.remark(Remark(item.code, item.params, item.line, item.column, self.node.id, source.text,
                                          source.place))


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
            return self._refuse()
        evaluation = self._frame.evaluation
        inside = evaluation.enter()
        try:
            if not inside:
                return self._frame.null("depth", name=self.name, limit=MAX_DEPTH)
            return self._call(arguments)
        finally:
            evaluation.leave()

    def call_named(self, run: Any, arguments: Mapping[str, Any]) -> Any:
        """As with functions of FEEL, a parameter that is not named is null."""
        names = [name for name, _ in self.parameters]
        if not arguments.keys() <= set(names):
            return self._refuse()
        return self.call(run, [arguments.get(name) for name in names])

    def _refuse(self) -> None:
        self._frame.null("arguments", name=self.name, expected=", ".join(name for name, _ in self.parameters))


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
