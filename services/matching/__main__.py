"""`python -m services.matching`: run the service with the settings of its environment."""

from shared.runtime.loading import lasting

if __name__ == "__main__":
    with lasting():
        from services.matching.main import build
        from services.matching.settings import MatchingSettings
        from shared.runtime.process import run
        from shared.runtime.settings import load

        service = build(load(MatchingSettings))
    run(service)
