"""回执: the page that a party keeps or prints after handing something in."""

from flask import Blueprint, render_template, url_for

from engine.domain.permissions import PARTIES
from engine.ui.accounts import acting
from engine.ui.contract import Services


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/cases/<number>/receipts")
    def receipt_list(number: str) -> str:
        case = services.queries.case(acting(), number)
        return render_template("receipts.html", case=case, rows=services.receipts.listed(acting(), case.id))

    @blueprint.get("/cases/<number>/receipts/<int:seq>")
    def receipt(number: str, seq: int) -> str:
        home = "ui.portal" if acting().has(*PARTIES) else "ui.inbox"
        return render_template("receipt.html", receipt=services.receipts.one(acting(), number, min(seq, MOST)),
                               home=url_for(home))


MOST = 10 ** 9
"""No chain is as long."""


def onward(services: Services, number: str, home: str = "") -> str:
    """Where somebody goes who has handed something in: a party to its receipt, others home, or back to the case."""
    actor = acting()
    found = services.receipts.listed(actor, number) if actor.has(*PARTIES) else ()
    if not found:
        return home or url_for("ui.case", number=number)
    return url_for("ui.receipt", number=number, seq=found[0].seq)
