"""What the terminal can find out about a running system; reads only. One part of the system, one file."""
