"""House rules that need only the syntax tree. An exception is listed here with its reason, or there is none."""

import ast
from collections.abc import Callable, Iterator

from tests.architecture.source import Source, dotted, sources

MODULE_LINES = 400
FUNCTION_LINES = 60

# Where the transaction is ended: the runner decides, the unit of work does.
MAY_COMMIT = ("engine/services/runner.py", "engine/store/unit_of_work.py", "engine/store/database.py")
# The sandbox partner is a program of its own, and webhooks may not import engine.clock.
MAY_READ_CLOCK = ("engine/clock.py", "webhooks/sandbox/__main__.py")
MAY_READ_ENVIRONMENT = ("engine/config.py",)
# What a command line prints is its output.
MAY_PRINT = ("engine/cli.py", "engine/cli", "webhooks/sandbox/__main__.py", "webhooks/catalogue/__main__.py")
# path → reason
LONG_MODULES: dict[str, str] = {}
# path:function → reason
LONG_FUNCTIONS: dict[str, str] = {}

CLOCK_CALLS = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.sleep",
    "time.localtime",
    "time.gmtime",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "dt.datetime.now",
}
CLOCK_NAMES = {"time.time", "time.monotonic", "time.sleep", "time.perf_counter"}
EVALUATORS = {"eval", "exec", "compile", "__import__", "pickle.loads", "pickle.load", "marshal.loads", "os.system"}
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv"}


def test_only_the_runner_commits() -> None:
    assert not _calls(lambda name: name.endswith(".commit"), MAY_COMMIT)


def test_only_the_clock_asks_for_the_time() -> None:
    found = _calls(lambda name: name in CLOCK_CALLS, MAY_READ_CLOCK)
    imported = [
        f"{source.path}:{line} imports {name}"
        for source in sources()
        if not source.within(*MAY_READ_CLOCK)
        for line, name in source.imports()
        if name in CLOCK_NAMES
    ]
    assert not found + imported


def test_only_config_reads_the_environment() -> None:
    found = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        if not source.within(*MAY_READ_ENVIRONMENT)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in ENVIRONMENT
    ]
    assert not found


def test_nothing_evaluates_text_as_python() -> None:
    assert not _calls(lambda name: name in EVALUATORS, ())


def test_only_the_command_line_prints() -> None:
    assert not _calls(lambda name: name == "print", MAY_PRINT)


def test_imports_stand_at_the_top() -> None:
    found = [
        f"{source.path}:{node.lineno} in {function.name}"
        for source in sources()
        for function in source.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not found


def test_modules_are_short() -> None:
    long = {source.path: source.lines for source in sources() if source.lines > MODULE_LINES}
    assert long.keys() == LONG_MODULES.keys(), long


def test_functions_are_short() -> None:
    long = {
        f"{source.path}:{function.name}": length
        for source in sources()
        for function in source.functions()
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES
    }
    assert long.keys() == LONG_FUNCTIONS.keys(), long


def test_packages_say_what_they_own() -> None:
    silent = [
        source.path
        for source in sources()
        if source.path.endswith("__init__.py") and source.path.count("/") <= 2 and not ast.get_docstring(source.tree)
    ]
    assert not silent


def test_nothing_is_left_unfinished() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "pragma: no " + "cover", "type: " + "ignore")
    found = [
        f"{source.path}:{number}: {mark}"
        for source in sources()
        for number, line in enumerate(source.text.splitlines(), 1)
        for mark in marks
        if mark in line
    ]
    assert not found


def test_there_is_no_drawer_for_everything() -> None:
    assert not [source.path for source in sources() if source.path.endswith(("/utils.py", "/helpers.py", "/common.py"))]


def _calls(wanted: Callable[[str], bool], allowed: tuple[str, ...]) -> list[str]:
    return [
        f"{source.path}:{line} calls {name}"
        for source in sources()
        if not source.within(*allowed)
        for line, name in _called(source)
        if wanted(name)
    ]


def _called(source: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node.lineno, dotted(node.func)
