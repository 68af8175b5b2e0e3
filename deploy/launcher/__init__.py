"""Runs all of Leerplek on one machine: a broker, a mail sink and the four services, watched by one supervisor."""

from deploy.launcher.launcher import Launcher
from deploy.launcher.supervised import LauncherError

__all__ = ["Launcher", "LauncherError"]
