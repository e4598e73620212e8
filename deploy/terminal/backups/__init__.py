"""One service's database in one file, and back."""
