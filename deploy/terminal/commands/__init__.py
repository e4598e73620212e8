"""One command of the terminal per file; `app.py` lists them."""
