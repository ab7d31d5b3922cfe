"""Decisions: DMN 1.1 to 1.5 files as frozen data, and their evaluation with FEEL in every cell.

Owns: reading requirement graphs, decision tables, boxed expressions, knowledge models, services and item definitions;
what they mean (DMN 1.5 clauses 6–8 and 10.2–10.4). Invariants: reading never raises for content, it reports; evaluating
never raises for content either: what cannot be told is null, with a warning that names the place.
"""

from engine.definition.decisions.decision import Decision, DecisionResult
from engine.definition.decisions.model import DecisionModel
from engine.definition.decisions.read import is_dmn, read_models
from engine.definition.decisions.texts import Remark

__all__ = ["Decision", "DecisionModel", "DecisionResult", "Remark", "is_dmn", "read_models"]
