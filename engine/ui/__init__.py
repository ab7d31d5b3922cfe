"""The screens: Jinja templates over the services' read models, some htmx, form-js and bpmn-js from ``static/vendor``.

Owns: pages, their words in Chinese and English, their look, the session of a signed-in person. Invariants: no SQL and
no commit here; every read takes the actor, every change is one command through ``services.run``; no page holds inline
script or style, and none asks anything of another machine; forms carry a CSRF token and an idempotency key; errors are
codes, put into words here. Dates are shown in Asia/Shanghai.

``create_blueprint(services)`` is the only door; ``contract`` says what it asks of the services; ``language()`` is the
reader's, for read models that hold computed texts.
"""

from flask import Blueprint

from engine.ui import (
    account,
    accounts,
    almanac,
    audit,
    cases,
    contact,
    deadline_acts,
    deadlines,
    desk,
    faults,
    files,
    gate,
    handoffs,
    hearings,
    inbox,
    manual,
    notices,
    papers,
    participants,
    partners,
    people,
    portal,
    receipts,
    recusals,
    shell,
    start,
    tasks,
)
from engine.ui.contract import Services
from engine.ui.i18n import language

__all__ = ["create_blueprint", "language"]


def create_blueprint(services: Services) -> Blueprint:
    """All screens, mounted at ``/``. The app needs only a ``SECRET_KEY``."""
    blueprint = Blueprint(
        "ui", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
    shell.install(blueprint, services)
    faults.install(blueprint, services)
    for screen in (accounts, gate, account, people, inbox, tasks, desk, start, files, cases, deadlines, deadline_acts,
                   almanac, notices, contact, audit, recusals, papers, hearings, portal, receipts, participants,
                   handoffs, manual, partners):
        screen.install(blueprint, services)
    return blueprint
