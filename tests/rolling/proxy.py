"""The reverse proxy of docker-compose.yml, as a child process before replicas on this machine; what it noted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.embedded.process import ROOT, Child, Spec, answers, free_port

HOST = "127.0.0.1"
SETTINGS = ROOT / "deploy" / "compose" / "nginx.conf"
PORTS = {"registration": 8001, "matching": 8002, "notifications": 8003}
"""Where the services are in those settings."""
NOTED = """log_format noted escape=json '{"service": "$service", "method": "$request_method", "path": "$uri", '
        '"status": $status, "asked": "$upstream_addr", "answers": "$upstream_status"}';
    access_log noted.log noted;
"""
POOL = """
    upstream {service} {{
{members}
    }}
"""
MEMBER = "        server {address} max_fails=0;"


def settings(replicas: Mapping[str, Sequence[str]], ports: Mapping[str, int], directory: Path) -> str:
    """The settings of the compose file, but for what is Docker's: its name server, its names, where files may lie.

    A name server keeps no memory of a replica that failed, so neither do the pools. LookupError where the settings have
    changed and something of this is no longer found in them.
    """
    pools = [
        POOL.format(service=name, members="\n".join(MEMBER.format(address=urlsplit(url).netloc) for url in urls))
        for name, urls in replicas.items()
    ]
    changes = {
        "resolver 127.0.0.11 valid=1s ipv6=off;": "",
        "http://$service:8000": "http://$service",
        "        8000 identity;\n": "",
        "        listen 8000;\n": "",
        # started as root it would else give its bodies to a user who may not enter this directory
        "error_log /dev/stderr warn;": "error_log error.log notice;\ndaemon off;\nuser root;",
        "    access_log off;\n": f"    {NOTED}{''.join(pools)}",
        "/tmp/": f"{directory}/",
        **{f"listen {PORTS[name]};": f"listen {HOST}:{port};" for name, port in ports.items()},
        **{f"{PORTS[name]} {name};": f"{port} {name};" for name, port in ports.items()},
    }
    text = SETTINGS.read_text("utf-8")
    for old, new in changes.items():
        if old not in text:
            raise LookupError(f"{SETTINGS.name} has no {old!r} any more")
        text = text.replace(old, new)
    return text


class Proxy:
    """nginx before `replicas` (service -> URLs), one port for each service."""

    def __init__(self, replicas: Mapping[str, Sequence[str]], directory: Path) -> None:
        ports = {service: free_port() for service in replicas}
        self.urls = {service: f"http://{HOST}:{port}" for service, port in ports.items()}
        self._directory = directory.resolve()
        directory.mkdir(parents=True, exist_ok=True)
        self._log.unlink(missing_ok=True)
        file = self._directory / "nginx.conf"
        file.write_text(settings(replicas, ports, self._directory))
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise SystemExit("rolling: nginx is not installed; 'apt-get install nginx-light' or the like brings it")
        command = (program, "-p", str(self._directory), "-c", str(file), "-e", "error.log")
        probe = tuple(ports.values())
        self.child = Child(
            Spec("proxy", command, lambda _it: all(answers(HOST, port, "/health/live") for port in probe)), directory
        )

    async def start(self) -> None:
        """Start it and wait until every service answers through it; ChildError otherwise."""
        self.child.start()
        await self.child.until_ready(15)

    def noted(self) -> list[dict[str, Any]]:
        """One entry per request: service, method, path, status, the replicas it was sent to and their answers."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    @property
    def _log(self) -> Path:
        return self._directory / "noted.log"
