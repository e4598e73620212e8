"""One command of the terminal per file; `app.py` lists them.

Help and completion load all of these files, and a call needs one of them. So what a command works with (clients of
Kafka, of MongoDB and of HTTP, the auditor, the contracts) is imported where its work begins: that is three quarters of
the time that `entente --help` took, and four tenths of that of a call that asks over HTTP alone.
"""
