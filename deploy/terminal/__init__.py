"""The operator's terminal: `entente`. Looks at a running system and mends it, over the same settings as the services.

`app.py` is its table of contents; one command, one file in `commands/`. It reads Kafka and the databases directly. Two
commands write there: `topics apply` makes topics that are missing, and `restore` puts the consumer groups of a stopped
service back and fills its empty database. Whatever else a service owns is changed by asking that service, as an
operator, over HTTP.
"""
