"""The walls of the house: layers by import-linter (setup.cfg), and who may use which library or neighbour."""

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.source import ROOT, Source, sources

# Library → the only places that may import it.
LIBRARIES = {
    "SpiffWorkflow": ("engine/definition", "engine/workbench/second_engine.py", "engine/workbench/verify.py"),
    "sqlalchemy": ("engine/store",),
    "alembic": ("engine/store",),
    "psycopg": ("engine/store",),
    "flask": ("engine/app.py", "engine/http", "engine/ui"),
    "flask_smorest": ("engine/app.py", "engine/http"),
    "flask_login": ("engine/app.py", "engine/http", "engine/ui"),
    "flask_wtf": ("engine/app.py", "engine/http", "engine/ui"),
    "flask_babel": ("engine/app.py", "engine/http", "engine/ui"),
    "flask_talisman": ("engine/app.py",),
    "werkzeug": ("engine/app.py", "engine/http", "engine/ui"),
    "marshmallow": ("engine/http", "engine/ui"),
    "environs": ("engine/config.py",),
    "apscheduler": ("engine/workers",),
    "httpx": ("webhooks", "engine/client.py", "engine/app.py", "engine/workers/dispatcher.py",
              "engine/workers/witness.py"),
    "boto3": ("engine/services/shelves/bucket.py",),
    "botocore": ("engine/services/shelves/bucket.py",),
    "rich": ("engine/cli.py", "engine/cli"),
}
# Place → the only modules of the house it may import (itself always).
WALLED = {
    "engine/feel": ("engine.feel",),
    "engine/client.py": (),
    "webhooks": ("webhooks",),
    "engine/services": ("engine", "webhooks.catalogue", "webhooks.keys", "webhooks.receipts", "webhooks.signature",
                        "webhooks.strict_json"),  # the receipt is signed in the transaction that keeps its message
    "engine/store": ("engine",),
    "engine/workbench": ("engine",),
    "engine/ui": ("engine",),
    "engine/execution": ("engine",),
    "engine/definition": ("engine",),
    "engine/domain": ("engine",),
}


def test_layers_are_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "setup.cfg"), no_cache=True, is_debug_mode=False)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_library_is_used_only_where_it_belongs(library: str) -> None:
    places = LIBRARIES[library]
    strangers = [
        f"{source.path}:{line} imports {name}"
        for source in sources()
        if not source.within(*places)
        for line, name in source.imports()
        if _belongs(name, library)
    ]
    assert not strangers, f"{library} belongs to {', '.join(places)}"


@pytest.mark.parametrize("place", sorted(WALLED))
def test_walled_room_imports_only_what_it_may(place: str) -> None:
    strangers = [found for source in sources() if source.within(place) for found in _strangers(source, WALLED[place])]
    assert not strangers


def _strangers(source: Source, allowed: tuple[str, ...]) -> list[str]:
    return [
        f"{source.path}:{line} imports {name}"
        for line, name in source.imports()
        if (_belongs(name, "engine") or _belongs(name, "webhooks") or _belongs(name, "tests"))
        and not any(_belongs(name, other) for other in allowed)
    ]


def _belongs(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")
