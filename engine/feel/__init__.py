"""FEEL, the expression language of DMN 1.3 to 1.5 (OMG), as a pure package.

It owns: parsing, evaluation, built-in functions, three-valued logic, temporal values. It imports nothing else of this
repository and could be lifted out.

Invariants:
* An expression is interpreted; no Python object is reachable but the FEEL values described in ``values``.
* Whatever does not fit becomes null and leaves a ``Diagnosis``; evaluation raises nothing but ``FeelLimitExceeded``.
* The same expression, variables, ``now`` and ``random`` give the same result and cost the same steps.
* Nothing here asks the system for time or chance.
"""

from datetime import time as Time  # noqa: N812 - the FEEL type

from engine.feel.calls import HostFunction
from engine.feel.diagnosis import Diagnosis, FeelError, FeelLimitExceeded, FeelSyntaxError, describe
from engine.feel.expression import (
    Expression,
    Result,
    UnaryTests,
    coerce,
    compile_call,
    compile_expression,
    compile_unary_tests,
    is_instance,
)
from engine.feel.limits import DEFAULT_LIMITS, Limits
from engine.feel.messages import add_messages
from engine.feel.temporal import YearsMonthsDuration
from engine.feel.text import to_json, to_text
from engine.feel.values import Function, Range
from engine.feel.wide import narrowed

FeelFunction = HostFunction

__all__ = [
    "DEFAULT_LIMITS",
    "Diagnosis",
    "Expression",
    "FeelError",
    "FeelFunction",
    "FeelLimitExceeded",
    "FeelSyntaxError",
    "Function",
    "HostFunction",
    "Limits",
    "Range",
    "Result",
    "Time",
    "UnaryTests",
    "YearsMonthsDuration",
    "add_messages",
    "coerce",
    "compile_call",
    "compile_expression",
    "compile_unary_tests",
    "describe",
    "is_instance",
    "narrowed",
    "to_json",
    "to_text",
]
