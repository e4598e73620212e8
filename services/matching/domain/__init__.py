"""Pure decisions of matching: who can do it, who is asked, whose days are kept. No I/O, clock or randomness."""
