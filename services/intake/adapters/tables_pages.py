"""Tables behind the pages for institutes."""

from sqlmodel import Field, SQLModel


class KnownSiteRow(SQLModel, table=True):
    """Read model of `site.changed`: what a school is called, and where it is."""

    __tablename__ = "known_site"

    id: str = Field(primary_key=True)
    sequence: int
    name: str
    town: str
    lat: float = 0
    lon: float = 0
