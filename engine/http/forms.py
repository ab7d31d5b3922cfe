"""What a form sends: read whole and in UTF-8, or refused by name. The framework would take one that it cannot read for
an empty one, and the sender would hear of a missing token."""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from engine.errors import InvalidInput


class _Strict(FormDataParser):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "silent": False})


class Request(flask.Request):
    """Names of files are UTF-8 as well (RFC 7578, 5.1). No other encoding is guessed: the GBK bytes of 試 are UTF-8 of
    another letter, and a name on record must be the one that was given."""

    form_data_parser_class = _Strict

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except RequestEntityTooLarge:
            self._empty()
            raise
        except ValueError as error:
            self._empty()
            raise InvalidInput(expected="a whole form in UTF-8, the names of files too", found="one that is not",
                               where="form") from error

    def _empty(self) -> None:
        """Whoever tells of the refusal may ask for the form again."""
        nothing: ImmutableMultiDict[str, Any] = ImmutableMultiDict()
        self.__dict__.update(form=nothing, files=nothing)
