"""The HTTP edge shared by the services: problems, body checks, correlation, commands, paging, OpenAPI.

Imported module by module: `app.create_app`, `problems.problems`, `commands`, `paging`.
"""
