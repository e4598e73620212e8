"""python -m services.registration: run the service with the settings of the environment."""

from __future__ import annotations

from shared.runtime.loading import lasting

if __name__ == "__main__":
    with lasting():
        from services.registration.main import build
        from services.registration.settings import RegistrationSettings
        from shared.runtime.process import run
        from shared.runtime.settings import load

        service = build(load(RegistrationSettings))
    run(service)
