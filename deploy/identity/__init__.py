"""FOR DEVELOPMENT ONLY: an issuer of tokens that gives anybody any role. Never let it face a network.

`python -m deploy.identity --dir DIR [--port N]` serves what an OpenID Connect issuer publishes (discovery document
and keys) and `POST /tokens`, which signs whatever it is asked to. In a real deployment the services are pointed
at the facility's own identity provider and this package is not installed.
"""
