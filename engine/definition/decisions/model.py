"""A DMN file as frozen data. Expressions ("boxes") are compiled once, when read.

Source: DMN 1.5 (formal/2024-01-01) clauses 6.3, 7.3, 8.3 and 10.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.feel import Diagnosis, Expression, UnaryTests


@dataclass(frozen=True, slots=True)
class Literal:
    """FEEL text; ``compiled`` is None when there is no text or it cannot be evaluated (``error``)."""

    text: str
    compiled: Expression | None
    error: Diagnosis | None = None
    type: str | None = None
    place: Diagnosis | None = None
    """Where in a table it stands; None where the node says enough."""


@dataclass(frozen=True, slots=True)
class Tests:
    """The unary tests of a cell; ``compiled`` None and no ``error`` = anything fits."""

    text: str
    compiled: UnaryTests | None
    error: Diagnosis | None = None
    place: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class Input:
    label: str
    expression: Literal
    allowed: Tests | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """``allowed`` are the output values as tests, ``order`` as a list, highest priority first."""

    name: str
    type: str | None = None
    allowed: Tests | None = None
    order: tuple[Literal, ...] = ()
    default: Literal | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    tests: tuple[Tests, ...]
    entries: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Table:
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A context entry; without a name it is the result of the context."""

    name: str | None
    type: str | None
    box: Box | None


@dataclass(frozen=True, slots=True)
class ContextBox:
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str | None


@dataclass(frozen=True, slots=True)
class FunctionBox:
    """``kind``: FEEL, Java or PMML; only FEEL is evaluated."""

    parameters: tuple[Parameter, ...]
    body: Box | None
    kind: str = "FEEL"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    function: Box | None
    bindings: tuple[tuple[Parameter, Box | None], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    columns: tuple[Parameter, ...]
    rows: tuple[tuple[Box | None, ...], ...]


@dataclass(frozen=True, slots=True)
class ListBox:
    items: tuple[Box | None, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Box | None
    then: Box | None
    otherwise: Box | None


@dataclass(frozen=True, slots=True)
class Filter:
    source: Box | None
    match: Box | None


@dataclass(frozen=True, slots=True)
class Iteration:
    """``kind``: for, every or some."""

    kind: str
    variable: str
    source: Box | None
    body: Box | None


@dataclass(frozen=True, slots=True)
class Typed:
    """A box with a ``typeRef`` of its own; literals and functions carry theirs themselves."""

    box: Box
    type: str


Box = (Typed | Literal | Table | ContextBox | FunctionBox | Invocation | Relation | ListBox | Conditional
       | Filter | Iteration)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type: a base type, components, or a function; ``allowed`` restricts a value, ``constraint`` the whole.

    The components of a function type are its parameters.
    """

    name: str
    type: str | None = None
    collection: bool = False
    components: tuple[ItemDefinition, ...] = ()
    allowed: Tests | None = None
    constraint: Tests | None = None
    function: bool = False
    result: str | None = None
    """Of a function type: the type of its result."""
    order: tuple[Literal, ...] = ()
    """The allowed values as a list, where they are values and not ranges."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An element of a model: ``model`` is the file of its own model, or the namespace of an imported one."""

    model: str
    id: str


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the requirement graph. ``kind``: decision, inputData, businessKnowledgeModel or decisionService."""

    id: str
    kind: str
    name: str
    variable: str
    type: str | None = None
    box: Box | None = None
    requires: tuple[Reference, ...] = ()
    outputs: tuple[Reference, ...] = ()
    parameters: tuple[Reference, ...] = ()
    """Of a decision service: its input data, then its input decisions."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class DecisionModel:
    file: str
    id: str
    name: str
    namespace: str
    nodes: Mapping[str, Node]
    types: Mapping[str, ItemDefinition]
    imports: Mapping[str, str] = field(default_factory=dict)
    """Import name → namespace."""
    joined: tuple[str, ...] = ()
    """Namespaces imported without a name: what they define can be referred to as if this model defined it."""
