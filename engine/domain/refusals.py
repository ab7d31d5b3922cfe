"""Why a change of a deadline is refused: each refusal names the article, in its parameters, for the edge to say."""

from engine.errors import InvalidInput


class PeriodRefused(InvalidInput):
    """Expected {expected}, but found {found} at {where} ({article})."""

    code = "period_refused"


class ExtensionForbidden(PeriodRefused):
    """Expected no extension of {where}, because the law allows none ({article})."""

    code = "extension_forbidden"


class ExtensionTooLong(PeriodRefused):
    """Expected an extension of {where} of at most {most} {unit} ({article}), but found {found}."""

    code = "extension_too_long"


class ExtensionTooLate(PeriodRefused):
    """Expected an extension of {where} asked for on or before expiry on {due_on} ({article}), but found {found}."""

    code = "extension_too_late"


class ExtensionTwice(PeriodRefused):
    """Expected one extension of {where} at most ({article}), but it has been extended already."""

    code = "extension_twice"


class PauseForbidden(PeriodRefused):
    """Expected no pause of {where}, because this period runs on ({article})."""

    code = "pause_forbidden"


class PauseBackwards(PeriodRefused):
    """Expected a pause of {where} that ends on or after its first day {from_on} ({article}), but found {found}."""

    code = "pause_backwards"


class InterruptionForbidden(PeriodRefused):
    """Expected no interruption of {where}, because nothing makes this period run anew ({article})."""

    code = "interruption_forbidden"


class TooLate(PeriodRefused):
    """Expected {where} to be still running on {found}, but it had expired on {due_on} ({article})."""

    code = "period_over"


class RestorationForbidden(PeriodRefused):
    """Expected no restoration after {where}, because the law knows none for this period ({article})."""

    code = "restoration_forbidden"
