"""python -m services.registration: run the service with the settings of the environment."""

from __future__ import annotations

from services.registration.main import build
from services.registration.settings import RegistrationSettings
from shared.runtime.process import run
from shared.runtime.settings import load

if __name__ == "__main__":
    run(build(load(RegistrationSettings)))
