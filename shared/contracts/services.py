"""The services, by name; free of the models of events, so that a command line can name them at once."""

from typing import Literal, get_args

Service = Literal["intake", "capacity", "matcher", "notifier"]
SERVICES: tuple[Service, ...] = get_args(Service)
