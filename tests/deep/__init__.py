"""The large volumes, seeded: `python -m tests.deep`. `make test` runs a slice of each part."""
