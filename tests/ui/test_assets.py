"""What is shipped to browsers: complete, unchanged, licensed, and asking nothing of another machine."""

import hashlib
import json
import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "engine" / "ui"
STATIC = UI / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())
TEMPLATES = sorted((UI / "templates").glob("*.html"))


def test_the_vendor_folder_is_what_the_manifest_says():
    listed = {item["name"]: (item["size"], item["sha256"]) for item in MANIFEST["files"]}
    found = {path.name: (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
             for path in VENDOR.iterdir() if path.name != "manifest.json"}
    assert found == listed


def test_every_package_is_pinned_as_built_and_carries_its_licence():
    locked = json.loads((UI / "bundle" / "package-lock.json").read_text())["packages"]
    licences = (VENDOR / "LICENSES.txt").read_text()
    for package in MANIFEST["packages"]:
        assert locked[f"node_modules/{package['name']}"]["version"] == package["version"]
        assert f"{package['name']} {package['version']} (" in licences
        assert package["licence"] and package["files"]
    assert "carries no licence file" not in licences


def test_the_recipe_pins_exact_versions():
    recipe = json.loads((UI / "bundle" / "package.json").read_text())
    versions = {**recipe["dependencies"], **recipe["devDependencies"]}
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


@pytest.mark.parametrize("path", [*TEMPLATES, STATIC / "kapok.css", STATIC / "kapok.js"], ids=lambda path: path.name)
def test_our_own_pages_and_styles_name_no_other_address(path):
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}[^\s\"')]*", path.read_text()) == []


def test_styles_load_nothing_from_elsewhere():
    for path in [*VENDOR.glob("*.css"), STATIC / "kapok.css"]:
        urls = [url.strip("'\"") for url in re.findall(r"url\(([^)]{1,60})", path.read_text()) if "data:" not in url]
        assert [url for url in urls if not (url.endswith(".woff2") and (path.parent / url).is_file())] == []
        assert "@import" not in path.read_text()


def test_the_mark_of_bpmn_io_stays():
    assert "bpmn.io" in (VENDOR / "viewer.js").read_text()
    assert "bjs-powered-by" in (VENDOR / "viewer.js").read_text()
    rules = re.findall(r"\.(?:bjs|fjs)-powered-by[^}]*}", (STATIC / "kapok.css").read_text())
    assert [rule for rule in rules if "none" in rule or "hidden" in rule] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_or_style(path):
    text = path.read_text()
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []


def test_every_icon_that_is_used_is_drawn():
    drawn = set(re.findall(r'symbol id="([\w-]+)"', (STATIC / "sprite.svg").read_text()))
    used = {name for path in TEMPLATES for name in re.findall(r"(?:icon|empty)\('(\w+)'", path.read_text())}
    assert used <= drawn
    assert {f"lamp-{kind}" for kind in ("late", "soon", "ok", "prov", "hold", "none")} <= drawn


def test_editors_weigh_on_no_page_of_case_work():
    """They are of use to designers alone; a page that needs one names it in its own template."""
    editors = ("modeler.", "decisions.", "form-editor.")
    named = {path.name for path in TEMPLATES for name in editors if f"vendor/{name}" in path.read_text()}
    assert {name for name in named if not name.startswith("design")} == set()
    heavy = {item["name"]: item["size"] for item in MANIFEST["files"] if item["name"].endswith(".js")}
    assert {name for name, size in heavy.items() if size > 520_000} <= {"modeler.js", "decisions.js", "form-editor.js"}
    assert max(heavy.values()) < 1_400_000
