"""A decision that can be evaluated: a node of a model, bound to the models it imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.definition.decisions.evaluation import Evaluation, closure_of
from engine.definition.decisions.model import DecisionModel, ItemDefinition, Node, Reference
from engine.definition.decisions.read import joined
from engine.definition.decisions.texts import Remark
from engine.definition.decisions.types import Types


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """``matched``: ids of the rules that held in the decision's own table; ``inputs``: what its inputs were by label;
    ``warnings``: why anything became null; ``steps``: matched rules and inputs of every table on the way, by node."""

    value: Any
    matched: tuple[str, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Remark, ...] = ()
    steps: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = field(default_factory=dict)


class Decision:
    """One decision or decision service of a file. Immutable; safe to share between cases and threads."""

    def __init__(self, model: DecisionModel, node: Node, models: Sequence[DecisionModel]) -> None:
        self.model = model
        self.node = node
        self._models = closure_of(models, model)
        self._types = {key: Types(_types(item, self._models)) for key, item in self._models.items()}

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def name(self) -> str:
        return self.node.name

    def evaluate(self, variables: Mapping[str, Any], *, functions: Mapping[str, Any] | None = None,
                 now: datetime | None = None) -> DecisionResult:
        """The decision under these inputs, by name. Raises ``FeelLimitExceeded``, nothing else.

        A decision service takes its input data and input decisions by their names from ``variables``.
        """
        evaluation = Evaluation(self._models, self._types, variables, functions, now)
        value = evaluation.value(Reference(self.model.file, self.node.id))
        if self.node.kind == "decisionService" and value is not None:
            value = value.call_named(None, {name: variables.get(name) for name, _ in value.parameters})
        own = self.node.id
        steps = {name: (rules, evaluation.inputs.get(name, {})) for name, rules in evaluation.matched.items()}
        inputs = evaluation.inputs.get(own) or self._inputs(variables)
        return DecisionResult(value, evaluation.matched.get(own, ()), inputs, tuple(evaluation.remarks), steps)

    def _inputs(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Without a table of its own: the input data that the decision requires, directly or not."""
        found: dict[str, Any] = {}
        ahead, seen = [*self.node.requires, *self.node.parameters], set()
        while ahead:
            ref = ahead.pop()
            model = self._models.get(ref.model)
            node = model.nodes.get(ref.id) if model is not None and ref not in seen else None
            seen.add(ref)
            if node is None:
                continue
            if node.kind == "inputData":
                found[node.variable] = variables.get(node.variable)
            ahead += node.requires
        return found


def _types(model: DecisionModel, models: Mapping[str, DecisionModel]) -> dict[str, ItemDefinition]:
    found = dict(model.types)
    for other in joined(model, models):
        found = {**other.types, **found}
    for name, namespace in model.imports.items():
        imported = models.get(namespace)
        if imported is not None:
            found.update({f"{name}.{key}": item for key, item in imported.types.items()})
    return found
