"""What the request line is told when a backend fails."""


class BackendLost(Exception):
    """The exchange failed. `kind` is for metrics: connect, tls, timeout, reset, protocol.

    `silent` is True when not one byte of a reply had come.
    """

    def __init__(self, kind: str, reason: str, silent: bool = False) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.silent = silent
