"""axe-core in a page: what WCAG 2.1 AA finds wrong with what is on the screen now. The script lies in ``vendor`` and is
shipped to nobody."""

from pathlib import Path

from playwright.sync_api import Page

_SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async skipped => (await axe.run({exclude: [['.bjs-powered-by'], ['.fjs-powered-by'], ...skipped]},
  {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations']})).violations
  .flatMap(found => found.nodes.map(node => `${found.id}: ${node.target.join(' ')} ${node.failureSummary}`))"""


def violations(page: Page, *skipped: str) -> list[str]:
    """``skipped``: selectors of what is not looked at."""
    page.evaluate(_SOURCE)
    return list(page.evaluate(_RUN, [[selector] for selector in skipped]))
