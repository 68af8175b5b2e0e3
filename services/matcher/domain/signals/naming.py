"""The ids of signals: readable where they are short, and always the same for the same case."""

from hashlib import blake2b

MOST_LETTERS = 64
"""What an id may have."""


def signal_name(prefix: str, kind: str, *subject: str) -> str:
    """The id of a signal of this kind: readable for one student, mismatch or person; a hash where that is too long."""
    if len(subject) == 1 and len(prefix) + 1 + len(subject[0]) <= MOST_LETTERS:
        return f"{prefix}-{subject[0]}"
    digest = blake2b("\x1f".join((kind, *subject)).encode(), digest_size=12).hexdigest()
    return f"{prefix}-{digest}"
