"""What every service is built of: contracts, vocabulary, store, messaging, the process and its interfaces."""

__version__ = "0.1.0"
"""Of the whole project; pyproject.toml reads it here."""
