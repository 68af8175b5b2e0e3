"""Tokens in links that are mailed: signed, for one purpose and one thing, until a moment; nothing personal is in them."""

import hashlib
import hmac
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

_DERIVATION = b"link-tokens"


class TokenRefused(Exception):
    """The token was not signed by us for this purpose, or a character of it was changed."""


class TokenExpired(TokenRefused):
    """The token is ours and its time is over."""


class LinkSigner:
    """Signs and reads tokens under a key derived from the master key, another one for each purpose."""

    def __init__(self, master_key: bytes) -> None:
        self._key = hmac.digest(master_key, _DERIVATION, hashlib.sha256)
        self._serializers: dict[str, URLSafeSerializer] = {}

    def sign(self, purpose: str, subject: str, expires_at: datetime) -> str:
        """The token that says `subject` for this purpose; the same for the same moment, to the second."""
        token = self._serializer(purpose).dumps([subject, int(expires_at.timestamp())])
        return token if isinstance(token, str) else token.decode()

    def read(self, purpose: str, token: str, now: datetime) -> str:
        """The subject of a token for this purpose; raises TokenRefused, or TokenExpired when its time is over."""
        try:
            subject, expires = self._serializer(purpose).loads(token)
        except (BadData, ValueError, TypeError) as problem:
            raise TokenRefused(purpose) from problem
        if now.timestamp() >= expires:
            raise TokenExpired(purpose)
        return str(subject)

    def short_sign(self, purpose: str, subject: str) -> str:
        """Sixteen hexadecimal digits for where there is no room and case gets lost: a mailbox name."""
        return hmac.digest(self._key, f"{purpose}\0{subject}".encode(), hashlib.sha256)[:8].hex()

    def is_short_signature(self, purpose: str, subject: str, signature: str) -> bool:
        """Whether `short_sign` gave this signature."""
        return hmac.compare_digest(self.short_sign(purpose, subject).encode(), signature.encode())

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        if purpose not in self._serializers:
            how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
            self._serializers[purpose] = URLSafeSerializer(self._key, salt=purpose, signer_kwargs=how)
        return self._serializers[purpose]
