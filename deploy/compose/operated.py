"""What an operator does to the running system, by the lines of the docs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from deploy.compose.callers import Calls, called_during, somebody
from deploy.compose.page import COMPOSE, RUNBOOK, block, line
from deploy.compose.project import Project
from deploy.compose.replicas import not_replaced
from deploy.demo.interfaces import Interfaces
from deploy.demo.office import OFFICER
from deploy.services import SERVICES

RESTORED = "registration"
SUDO = """sudo() {
  docker run --rm --network none --user 0 --volume "$PWD:$PWD" --workdir "$PWD" --entrypoint "$1" \\
    entente/terminal:dev "${@:2}"
}
"""
"""Stands in for it: whoever may call Docker is root in a container, and nobody is asked for a password."""


async def mended(project: Project, service: str) -> list[str]:
    """Kill a replica and mend it as the runbook says under ServiceDown; what is not as it was."""
    before = await project.containers(service)
    await project.run("docker", "kill", before[0])
    if before[0] in await project.containers(service):
        return [f"{before[0][:12]} of {service} was killed and is not down"]
    await _run(project, line(RUNBOOK, "ServiceDown", "docker compose up"))
    after = await project.containers(service)
    return [] if sorted(after) == sorted(before) else [f"{after} of {service} run instead of {before}"]


async def upgraded(project: Project, api: Interfaces) -> tuple[Calls, list[str]]:
    """Go over to the images of this clone as the runbook says, while callers ask; what they met, and what was not
    replaced."""
    before = {service: await project.containers(service) for service in SERVICES}
    calls = await called_during(_run(project, block(RUNBOOK, "Upgrade without downtime")), api)
    wrong = calls.wrong()
    for service in SERVICES:
        wrong += not_replaced(before[service], await project.containers(service))
    return calls, wrong


async def backed_up(project: Project) -> str:
    """Back up as the page on compose says; the file of the service that is restored later."""
    said = await _run(project, block(COMPOSE, "Backups"), project.place)
    (file,) = re.findall(rf"/backups/({RESTORED}-\S+\.backup)", said)
    return str(file)


async def restored(project: Project, api: Interfaces, file: str) -> list[str]:
    """Lose the database and bring it back as the page on compose says; what is not as it was at the backup."""
    before = await _staff(api)
    later: dict[str, Any] = await api.ask(OFFICER, "POST", RESTORED, "/staff", json=somebody(0))
    lines = block(COMPOSE, "Bringing a database back").replace("FILE", file)
    said = await _run(project, lines, project.place)
    wrong = []
    if said.count(later["id"]) < 2:
        wrong.append("what was asked for after the backup was not listed as lost, before the restore and by it")
    after = await _staff(api)
    if later["id"] in after:
        wrong.append(f"{later['id']} was entered after the backup, and is there behind the restore")
    if after - {later["id"]} != before:
        wrong.append(f"{len(before)} members of staff when it was backed up, {len(after)} behind the restore")
    await project.compose("run", "--rm", "entente", "audit")
    return wrong


async def listed(project: Project) -> list[str]:
    """List the topics with Kafka's own tool as the page on compose says; what is missing."""
    said = await _run(project, block(COMPOSE, "Kafka's own tools"))
    return [] if "registration.requests" in said.split() else [f"kafka-topics.sh listed {said.split()}"]


async def cleaned(project: Project) -> None:
    """Remove the backups: they belong to the user of the container."""
    await _run(project, "sudo rm -rf backups", project.place)


async def _run(project: Project, lines: str, folder: Path | None = None) -> str:
    """Call them in a shell that ends at the first that fails; in the clone, where no folder is given."""
    return await project.run("bash", "-ec", SUDO + lines, folder=folder)


async def _staff(api: Interfaces) -> set[str]:
    return {str(one["id"]) for one in await api.all_of(OFFICER, RESTORED, "/staff")}
