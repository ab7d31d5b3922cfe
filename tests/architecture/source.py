"""The source files of the house as syntax trees, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "webhooks")


@dataclass(frozen=True)
class Source:
    path: str
    """Path from the repository's root, with forward slashes."""
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def within(self, *places: str) -> bool:
        """Whether this is one of the files, or in one of the folders, named."""
        return any(self.path == place or self.path.startswith(place.rstrip("/") + "/") for place in places)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported; ``from a import b`` gives ``a.b``."""
        package = self.path.removesuffix("/__init__.py").removesuffix(".py").split("/")
        is_package = self.path.endswith("__init__.py")
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                up = node.level - 1 if is_package else node.level
                base = package[: len(package) - up] if node.level else []
                name = ".".join([*base, *(node.module or "").split(".")]).strip(".")
                yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the packages that are shipped."""
    paths = sorted(
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
    )
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text, str(path)))


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name or attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else f".{node.attr}"
    return ""
