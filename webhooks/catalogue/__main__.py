"""``python -m webhooks.catalogue``: all messages as a Markdown table, with ``--page`` as the page docs/messages.md,
with ``--openapi`` as an OpenAPI section."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from webhooks.catalogue import Catalogue, Schema, Words, load, words

_HEAD = "| 类型 type | 名称 | 从 → 到 | 关联 correlates on | 必填 required | 应答 answer |"


def table(catalogue: Catalogue) -> str:
    """One row a message type, as it stands in the partner's handbooks."""
    rows = [_HEAD, "|---|---|---|---|---|---|"]
    for name in catalogue.types:
        message = catalogue.message(name)
        keys, required = (_codes(names) for names in (message.correlates_on, message.schema["required"]))
        way = f"{message.sender} → {message.receiver}" if message.direction != "both" else "双向 both"
        rows.append(f"| `{name}` | {message.title} | {way} | {keys} | {required} | {message.answer} |")
    return "\n".join(rows)


_PAGE = """# 消息目录 · The messages

由 `python -m webhooks.catalogue --page` 生成，不手工修改；OpenAPI 3.1 的 `webhooks` 一节由同一目录生成。
Made from `webhooks/catalogue/` by that command. A major version changes only by adding optional fields. How to sign,
send and answer: [partners.md](partners.md), [partners.en.md](partners.en.md)."""
_FIELDS = "| 字段 field | 名称 | 必填 required | 形式 form |\n|---|---|---|---|"


def page(catalogue: Catalogue, named: Words) -> str:
    """Every message with its fields and an example."""
    chapters = [_chapter(catalogue, named, name) for name in catalogue.types]
    return "\n\n".join([_PAGE, table(catalogue), *chapters]) + "\n"


def _chapter(catalogue: Catalogue, named: Words, name: str) -> str:
    message = catalogue.message(name)
    ends = message.decided_by or message.answer
    said = (f"{message.title} · {named.messages[name]}. {message.sender} → {message.receiver}, {message.version}; "
            f"correlates on {_codes(message.correlates_on)}; ended by `{ends}`.")
    example = json.dumps(catalogue.example(name)["payload"], ensure_ascii=False, indent=1)
    rows = "\n".join(_rows(message.schema, named))
    return f"## `{name}`\n\n{said}\n\n{_FIELDS}\n{rows}\n\n```json\n{example}\n```"


def _rows(schema: Schema, named: Words, path: str = "") -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        required = "✓" if name in schema.get("required", ()) else ""
        yield f"| `{path}{name}` | {named.field(name)} | {required} | {_form(part)} |"
        inner = part.get("items", part)
        yield from _rows(inner, named, f"{path}{name}{'[]' if 'items' in part else ''}.")


def _form(part: Schema) -> str:
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"] if value is not None)
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    pattern = f"`{part['pattern']}`".replace("|", "\\|") if "pattern" in part else ""
    return pattern or part.get("format") or str(part.get("type", ""))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="webhooks.catalogue", description="Every message of the wire.")
    parser.add_argument("--openapi", action="store_true", help="the webhooks section of OpenAPI 3.1 instead of a table")
    parser.add_argument("--page", action="store_true", help="the page docs/messages.md")
    catalogue, asked = load(), parser.parse_args(argv)
    if asked.page:
        print(page(catalogue, words()), end="")
    elif asked.openapi:
        print(json.dumps({"webhooks": catalogue.openapi_webhooks()}, ensure_ascii=False, indent=2))
    else:
        print(table(catalogue))
    return 0


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.exit(main())
