"""Errors by who must act: every message says where, what was seen, what is allowed, and the next step."""


class GraphscanError(Exception):
    """Base of all errors that a user can cause and mend.

    The message reads `<place>: <what is wrong>: got <seen>; expected <allowed>` and, on a line of its own,
    `hint: <next step>`. It never holds a prompt, an address or a payment fingerprint.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\nhint: {hint}" if hint else message)


class SettingsError(GraphscanError):
    """The settings or the command line are wrong: whoever wrote them must act."""


class LogsError(GraphscanError):
    """The logs break the contract: whoever delivers them must act."""


class QueryError(GraphscanError):
    """A file in `queries/` breaks its own header: whoever wrote the query must act."""


class RunError(GraphscanError):
    """A run could not be made, read or published: whoever operates graphscan must act."""
