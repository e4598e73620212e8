"""`python -m deploy.images --write | --check`: the lists of packages, made or held against pyproject.toml."""

from __future__ import annotations

import sys

from deploy.images.closure import EXTRAS, list_of, text_of


def main() -> int:
    """Write the lists, or say which are stale."""
    if "--write" in sys.argv:
        for target in EXTRAS:
            list_of(target).write_text(text_of(target))
        return 0
    stale = [t for t in EXTRAS if not list_of(t).exists() or list_of(t).read_text() != text_of(t)]
    for target in stale:
        sys.stderr.write(f"{list_of(target).name} in deploy/images is stale: run 'make docs'\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
