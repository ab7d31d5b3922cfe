"""Printing: JSON for programs, plain lines for people; progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from engine.definition.model import Finding
from engine.definition.wording import say, severity
from engine.errors import InvalidInput

existing = click.Path(exists=True, path_type=Path)
existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)
format_option = click.option("--format", "style", type=click.Choice(["text", "json"]), default="text",
                             help="json prints one document on standard output and nothing else.")


def _language(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """``zh`` or ``en`` of what was asked for, or of a locale such as zh_CN.UTF-8; all others read English."""
    return "zh" if value.lower().startswith("zh") else "en"


language_option = click.option("--lang", "--language", "language", envvar=["KAPOK_LANG", "LC_ALL", "LANG"],
                               default="en", callback=_language, metavar="[zh|en]",
                               help="The language of messages; default: that of the environment.")

_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def tell(value: dict[str, Any], style: str) -> None:
    """One answer: as JSON, or a line for each of its parts."""
    if style == "json":
        print_json(value)
        return
    for name, item in value.items():
        click.echo(f"{name}: {item}")


def print_json(value: Any) -> None:
    """One JSON document, decimals unrounded."""
    sys.stdout.write(_encoder.encode(value).decode() + "\n")


def read_json(text: str, where: str) -> Any:
    """A JSON value with exact decimals. Raises ``InvalidInput`` with the place of the mistake."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"Expected JSON in {where}, but: {error}", expected="JSON", found=text[:40],
                           where=where) from error


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def read_object(text: str, option: str) -> dict[str, Any]:
    """The JSON object of an option. Anything else is a wrong call: ``click.UsageError``, exit status 2."""
    try:
        found = read_json(text, option)
    except InvalidInput as error:
        raise click.UsageError(error.message) from error
    if not isinstance(found, dict):
        raise click.UsageError(f"Expected a JSON object in {option}, but found {text[:40]}")
    return found


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the present item on standard error; silent when nobody is looking."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda item: bar.update(task, description=f"{title}: {item}")


MODEL_ENDINGS = (".bpmn", ".dmn", ".form", ".docx", ".words")


def model_files(paths: tuple[Path, ...], endings: tuple[str, ...] = MODEL_ENDINGS) -> list[Path]:
    """The model files under paths, sorted; files named by themselves are taken whatever their ending."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(item for item in path.rglob("*") if item.suffix in endings and item.is_file())
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def with_neighbours(model: Path) -> list[Path]:
    """A model first, then the decisions and forms beside it."""
    beside = [item for item in model_files((model.parent,)) if item != model and item.suffix in (".dmn", ".form")]
    return [model, *beside]


def tell_value(value: Any, warnings: list[str], style: str) -> None:
    if style == "json":
        print_json({"result": value, **({"warnings": warnings} if warnings else {})})
        return
    print_json(value)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def tell_finding(finding: Finding, language: str) -> str:
    """One line: where, how grave, by which rule, and the sentence."""
    return (f"{finding.file}:{finding.line}: {severity(finding, language)} {finding.rule} [{finding.element}] "
            f"{say(finding, language)}")
