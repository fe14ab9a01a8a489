"""What goes wrong on purpose."""


class ConnectionDroppedError(ConnectionError):
    """Raised through the application: the server breaks the connection off after `sent`."""

    def __init__(self, sent: bytes = b"") -> None:
        super().__init__("the connection was dropped on purpose")
        self.sent = sent
