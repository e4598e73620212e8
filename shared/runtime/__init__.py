"""What every service process needs around its business: settings, logs, metrics, HTTP, identity, health, process life.

Modules are imported one by one; importing this package loads nothing.
"""
