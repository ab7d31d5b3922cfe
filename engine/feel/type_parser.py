"""Types in an expression: after ``instance of`` and in formal parameters (DMN clause 10.3.1.2, rules 52 to 54)."""

from engine.feel.cursor import Cursor
from engine.feel.syntax import TypeNode
from engine.feel.types import TYPE_NAMES


def read_type(cursor: Cursor) -> TypeNode:
    at = cursor.token.start
    with cursor.nested():
        name = _type_name(cursor)
        if not cursor.accept("<"):
            return TypeNode(at, name)
        arguments: list[TypeNode] = []
        names: list[str] = []
        while not cursor.at_op(">"):
            if name == "context":
                names.append(cursor.key_name())
                cursor.expect(":")
            arguments.append(read_type(cursor))
            if not cursor.accept(","):
                break
        cursor.expect(">")
        result = read_type(cursor) if name == "function" and cursor.accept("->") else None
        return TypeNode(at, name, tuple(arguments), tuple(names), result)


def _type_name(cursor: Cursor) -> str:
    if cursor.token.kind not in ("name", "keyword"):
        raise cursor.unexpected("a type")
    for names in (TYPE_NAMES, cursor.declared):
        found = names.match(cursor.token.value, cursor.text, cursor.token.start)
        if found:
            cursor.advance(found[1])
            return found[0]
    name = str(cursor.advance().value)
    while cursor.at_op("."):
        cursor.advance()
        if cursor.token.kind not in ("name", "keyword"):
            raise cursor.unexpected("a name")
        name = f"{name}.{cursor.advance().value}"
    return name
