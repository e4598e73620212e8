"""Every replica behind a service's address, as far as its name tells them apart."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx


@dataclass(frozen=True, slots=True)
class Replica:
    """Where one replica answers. `address` is empty where the service's name leads to one place alone, such as a
    proxy: whoever answers there speaks for all."""

    url: str
    address: str = ""

    async def get(self, http: httpx.AsyncClient, path: str) -> httpx.Response:
        """Ask it; a TLS certificate is that of the name. HTTPError where it does not answer."""
        parts = urlsplit(self.url)
        base = self.url.rstrip("/")
        if not self.address:
            return await http.get(f"{base}{path}")
        place = f"[{self.address}]" if ":" in self.address else self.address
        port = f":{parts.port}" if parts.port else ""
        own = parts._replace(netloc=f"{place}{port}").geturl().rstrip("/")
        name = {"sni_hostname": parts.hostname}
        return await http.get(f"{own}{path}", headers={"Host": parts.netloc}, extensions=name)


async def replicas_of(url: str) -> list[Replica]:
    """One for each address of the name. An address of the other family is the same replica once more: IPv4 counts where
    there is any."""
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except OSError:
        return [Replica(url)]
    for family in (socket.AF_INET, socket.AF_INET6):
        addresses = sorted({str(place[0]) for kind, _, _, _, place in found if kind is family})
        if addresses:
            return [Replica(url, address) for address in addresses] if len(addresses) > 1 else [Replica(url)]
    return [Replica(url)]
