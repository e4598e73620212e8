"""What registration does: one use case per file, named by its verb, working on an `Office`."""
