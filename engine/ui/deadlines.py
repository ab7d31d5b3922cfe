"""期限: why it is this day, line by line, and what happens when it passes."""

from flask import Blueprint, render_template

from engine.ui.accounts import acting
from engine.ui.contract import Services


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/deadlines/<key>")
    def deadline(key: str) -> str:
        return render_template("deadline.html", deadline=services.queries.deadline(acting(), key))
