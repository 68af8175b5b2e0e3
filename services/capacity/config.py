"""Capacity's settings, from LEERPLEK_CAPACITY_…"""

from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy.engine import make_url

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Where capacity listens, keeps its data, its master key, and who starts the day: the clock (`tick` on) or whoever posts it."""

    model_config = SettingsConfigDict(env_prefix="LEERPLEK_CAPACITY_")

    http_port: int = 8102
    master_key_file: Path | None = None
    tick: Literal["on", "off"] | None = None

    @model_validator(mode="after")
    def _production_names_its_key(self) -> Self:
        if self.master_key_file is None and (self.mode == "production" or not self._sqlite_file):
            raise ValueError("MASTER_KEY_FILE is needed: the file with the key that seals names")
        return self

    @property
    def key_file(self) -> Path:
        """The master key's file; in development with SQLite beside the database unless named."""
        return self.master_key_file or Path(self._sqlite_file or "").with_name("capacity-master.key")

    @property
    def clock_ticks(self) -> bool:
        """Whether this process starts the days by itself: in production yes, in development only when asked."""
        return self.tick == "on" if self.tick is not None else self.mode == "production"

    @property
    def _sqlite_file(self) -> str | None:
        url = make_url(self.database_url)
        return url.database if url.get_backend_name() == "sqlite" else None
