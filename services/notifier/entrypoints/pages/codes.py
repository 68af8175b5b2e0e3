"""The code of an organisation, as it stands in the address of a page."""

from typing import Annotated

from fastapi import Path

Code = Annotated[str, Path(min_length=2, max_length=32, pattern=r"^[A-Z0-9][A-Z0-9-]*$")]
