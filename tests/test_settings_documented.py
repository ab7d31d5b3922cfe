"""The operator's handbook lists every setting, with its default."""

import re
from dataclasses import fields
from pathlib import Path

from engine.config import Settings

HANDBOOK = Path(__file__).parent.parent / "docs" / "operators.md"
NOT_FROM_THE_ENVIRONMENT = {"demo_accounts"}


def test_every_setting_is_in_the_handbook():
    listed = set(re.findall(r"^\| `KAPOK_(\w+)`", HANDBOOK.read_text("utf-8"), re.MULTILINE))
    assert listed == {field.name.upper() for field in fields(Settings) if field.name not in NOT_FROM_THE_ENVIRONMENT}
