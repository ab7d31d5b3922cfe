"""``python -m webhooks.catalogue``: all messages as a Markdown table, or with ``--openapi`` as an OpenAPI section."""

import argparse
import json
import sys
from collections.abc import Sequence

from webhooks.catalogue import Catalogue, load

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


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="webhooks.catalogue", description="Every message of the wire.")
    parser.add_argument("--openapi", action="store_true", help="the webhooks section of OpenAPI 3.1 instead of a table")
    catalogue = load()
    if parser.parse_args(argv).openapi:
        print(json.dumps({"webhooks": catalogue.openapi_webhooks()}, ensure_ascii=False, indent=2))
    else:
        print(table(catalogue))
    return 0


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.exit(main())
