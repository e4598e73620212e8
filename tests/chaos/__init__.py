"""`make chaos`: several replicas of every service on a cluster of three, killed at random while whole cases run.

`plan` and `judging` are pure; `replicas` and `servers` know the processes; `cases` is the load; `killing` kills;
`run` puts them together. What it proves and how to replay a seed: docs/chaos.md.
"""
