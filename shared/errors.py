"""The kinds of errors that are expected; anything else is a bug and stops the process."""

from collections.abc import Callable


class DomainError(Exception):
    """A rule of the field says no: 4xx over HTTP, parked on the stream. `code` is stable, `detail` is Dutch for its reader."""

    def __init__(self, code: str, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.pointer = pointer

    def __reduce__(self) -> tuple[Callable[..., "DomainError"], tuple[type["DomainError"], str, str, str | None]]:
        """Travels between processes."""
        return _again, (type(self), self.code, self.detail, self.pointer)


def _again(kind: type[DomainError], code: str, detail: str, pointer: str | None) -> DomainError:
    return kind(code, detail, pointer=pointer)


class NotFound(DomainError):
    """What was asked for does not exist, or not for whoever asks."""


class Conflict(DomainError):
    """Somebody else changed it first."""


class VersionChanged(DomainError):
    """A change that was based on an older version than the one that holds."""


class NotSignedIn(DomainError):
    """Nobody knows who is asking: no token, or one that is not good."""


class Forbidden(DomainError):
    """Whoever is asking may not know or do this, whatever there is."""


class TooMany(Exception):
    """Whoever is asking asks too much at once; `wait_s` is how long to wait."""

    def __init__(self, code: str, detail: str, wait_s: int) -> None:
        super().__init__(code)
        self.code, self.detail, self.wait_s = code, detail, wait_s


BasedOn = Callable[[int], None]
"""Given the version that holds (0: none yet); raises VersionChanged when the change was based on another."""


class TransientError(Exception):
    """Something outside is away for a while: trying again helps."""


class Misconfigured(ValueError):
    """What a service was given to start with is wrong, such as a key: it does not start, and says what to mend."""
