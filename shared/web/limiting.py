"""How much one organisation may ask in a minute, told in the RateLimit fields of every answer; more is 429."""

import time
from collections import Counter
from collections.abc import Callable

from fastapi import Request

from shared.errors import TooMany
from shared.web.more_headers import more_headers

WINDOW_S = 60


class RateLimit:
    """Counts per organisation, in this process, in whole minutes: so twice as much can come just around the change of one."""

    def __init__(self, per_minute: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._seconds = per_minute, seconds
        self._minute, self._asked = -1, Counter[str]()

    def count(self, request: Request, who: str) -> None:
        """Counts one request; raises TooMany when there were too many in this minute."""
        minute, second = divmod(int(self._seconds()), WINDOW_S)
        if minute != self._minute:
            self._minute = minute
            self._asked.clear()
        self._asked[who] += 1
        left, reset_s = self._per_minute - self._asked[who], WINDOW_S - second
        more_headers(request.scope).update(
            {
                "RateLimit-Policy": f'"minute";q={self._per_minute};w={WINDOW_S}',
                "RateLimit": f'"minute";r={max(0, left)};t={reset_s}',
            }
        )
        if left < 0:
            detail = f"U stuurt meer dan {self._per_minute} verzoeken in een minuut. Wacht {reset_s} seconden."
            raise TooMany("te-veel-verzoeken", detail, reset_s)
