"""`python -m services.matching`: run the service with the settings of its environment."""

from services.matching.main import build
from services.matching.settings import MatchingSettings
from shared.runtime.process import run
from shared.runtime.settings import load

if __name__ == "__main__":
    run(build(load(MatchingSettings)))
