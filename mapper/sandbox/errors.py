"""What an endpoint refuses with."""

from collections.abc import Mapping

__all__ = ["PlatformError"]


class PlatformError(Exception):
    """A refusal: its status, its message, and what the vendor said if it was the vendor's."""

    def __init__(
        self,
        status: int,
        message: str,
        provider_message: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.provider_message = provider_message
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> dict[str, str]:
        """Return the body of the answer."""
        said = {} if self.provider_message is None else {"providerMessage": self.provider_message}
        return {"message": self.message, "requestId": request_id} | said
