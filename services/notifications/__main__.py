"""python -m services.notifications: run the service with the settings of the environment."""

from __future__ import annotations

from shared.runtime.loading import lasting

if __name__ == "__main__":
    with lasting():
        from services.notifications.main import build
        from services.notifications.settings import NotificationsSettings
        from shared.runtime.process import run
        from shared.runtime.settings import load

        service = build(load(NotificationsSettings))
    run(service)
