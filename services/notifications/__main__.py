"""python -m services.notifications: run the service with the settings of the environment."""

from __future__ import annotations

from services.notifications.main import build
from services.notifications.settings import NotificationsSettings
from shared.runtime.process import run
from shared.runtime.settings import load

if __name__ == "__main__":
    run(build(load(NotificationsSettings)))
