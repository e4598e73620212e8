"""What registration decides: pure, without I/O, clock or randomness. One module per aggregate."""
