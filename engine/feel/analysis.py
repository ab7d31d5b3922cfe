"""Which names an expression takes from outside itself."""

from collections.abc import Container, Iterable

from engine.feel import syntax as ast


def free_names(node: ast.Node, known: Container[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The free names of a node, and those of them that occur only inside filters; without called ``known`` names."""
    finder = _Finder(known)
    finder.visit(node, frozenset(), False)
    return frozenset(finder.outside | finder.inside), frozenset(finder.inside - finder.outside)


class _Finder:
    def __init__(self, known: Container[str]) -> None:
        self.known = known
        self.outside: set[str] = set()
        self.inside: set[str] = set()

    def visit(self, node: ast.Node, bound: frozenset[str], filtered: bool) -> None:
        if isinstance(node, ast.Name):
            if node.name not in bound:
                (self.inside if filtered else self.outside).add(node.name)
        elif isinstance(node, ast.Call) and isinstance(node.function, ast.Name) and node.function.name in self.known:
            for argument in node.arguments:
                self.visit(argument, bound, filtered)
        elif isinstance(node, ast.Filter):
            self.visit(node.source, bound, filtered)
            self.visit(node.condition, bound | {"item"}, True)
        elif isinstance(node, ast.ContextNode):
            self._context(node, bound, filtered)
        elif isinstance(node, (ast.For, ast.Quantified)):
            self._iteration(node, bound, filtered)
        elif isinstance(node, ast.FunctionNode):
            self.visit(node.body, bound | {one.name for one in node.parameters}, filtered)
        else:
            for child in children(node):
                self.visit(child, bound, filtered)

    def _context(self, node: ast.ContextNode, bound: frozenset[str], filtered: bool) -> None:
        for name, value in node.entries:
            self.visit(value, bound, filtered)
            bound |= {name}

    def _iteration(self, node: ast.For | ast.Quantified, bound: frozenset[str], filtered: bool) -> None:
        for iterator in node.iterators:
            self.visit(iterator.source, bound, filtered)
            if iterator.end is not None:
                self.visit(iterator.end, bound, filtered)
            bound |= {iterator.name}
        body = node.body if isinstance(node, ast.For) else node.condition
        self.visit(body, bound | {"partial"} if isinstance(node, ast.For) else bound, filtered)


def children(node: ast.Node) -> Iterable[ast.Node]:
    """The nodes right below one."""
    for field in node.__dataclass_fields__:
        yield from _nodes(getattr(node, field))


def _nodes(value: object) -> Iterable[ast.Node]:
    if isinstance(value, ast.TypeNode):
        return
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
