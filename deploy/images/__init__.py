"""What is inside our images: one list of packages per target of deploy/Dockerfile.

`python -m deploy.images --write` follows pyproject.toml's extras through the installed packages; `--check` says whether
the lists are up to date. `pick.py` takes the lines of requirements.lock when an image is built.
"""
