"""The one error that callers meet. Codes are the contract and the same in every language; texts are not."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple, Type

from .error_table import ERRORS

__all__ = ["ERRORS", "FleetError", "invalid_answer", "invalid_options", "is_answer_code"]


class FleetError(Exception):
    """What went wrong, by a code of `docs/errors.md`.

    `details` holds what the node sent beside code and text, under the names it sent (`serverTime`, `scope`,
    `attemptsLeft`, `retryAfter` …). Neither text nor details ever hold a secret. The text may be a node's, or that of whoever
    answered in its place; it holds nothing that steers a terminal, where an uncaught error ends up.
    """

    def __init__(self, code: str, message: Optional[str] = None, details: Optional[Mapping[str, Any]] = None) -> None:
        self.code = code if code in ERRORS else "UNKNOWN_CODE"
        self.details: Mapping[str, Any] = dict(details or {})
        super().__init__(ERRORS[self.code].meaning if message is None else _printable(message))
        # Python 3.11 and newer show notes below an error that nobody caught.
        self.__notes__ = [": ".join(part for part in (self.code, self.remedy) if part)]

    @property
    def message(self) -> str:
        """What happened here, lower case, without a full stop."""
        return str(self.args[0])

    @property
    def status(self) -> int:
        """HTTP status of this error; 0 for errors that are raised on this side of the wire."""
        return ERRORS[self.code].status

    @property
    def remedy(self) -> str:
        """What the caller does next."""
        return ERRORS[self.code].remedy

    def __reduce__(self) -> Tuple[Type[FleetError], Tuple[str, str, Dict[str, Any]]]:
        return type(self), (self.code, self.message, dict(self.details))

    def __repr__(self) -> str:
        return f"FleetError({self.code!r}, {self.message!r})"


def is_answer_code(code: object) -> bool:
    """Returns whether `code` is one that a node answers with; the others are raised on this side of the wire."""
    return isinstance(code, str) and code in ERRORS and ERRORS[code].status > 0


def invalid_answer(what: str, details: Optional[Mapping[str, Any]] = None) -> FleetError:
    """Returns INVALID_ANSWER that says what is wrong with it."""
    return FleetError("INVALID_ANSWER", f"the node's answer is not what the protocol says: {what}", details)


def invalid_options(message: str) -> FleetError:
    """Returns INVALID_OPTIONS; the message names the option, never its value."""
    return FleetError("INVALID_OPTIONS", message)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
