"""The live diagram of a case, as the viewer's script takes it."""

from typing import Any

from engine.ui.entry import encode


def state(diagram: Any) -> str:
    """JSON: tokens, finished elements, taken flows, incidents."""
    return encode({
        "now": dict(diagram.now), "done": sorted(diagram.done), "incident": sorted(diagram.incidents),
        "flows": None if diagram.flows is None else sorted(diagram.flows),
    })
