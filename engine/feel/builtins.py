"""All built-in functions: importing this module registers every family."""

from engine.feel import (
    builtins_camunda,
    builtins_contexts,
    builtins_dates,
    builtins_lists,
    builtins_numbers,
    builtins_ranges,
    builtins_strings,
    builtins_values,
)
from engine.feel.registry import BUILTINS

FAMILIES = (
    builtins_values,
    builtins_strings,
    builtins_lists,
    builtins_numbers,
    builtins_dates,
    builtins_ranges,
    builtins_contexts,
    builtins_camunda,
)

__all__ = ["BUILTINS", "FAMILIES"]
