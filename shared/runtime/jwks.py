"""Where the keys for checking tokens come from: the issuer's JWKS."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from shared.errors import Away
from shared.runtime.logging import get_logger

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import KeySet

KEPT_SECONDS = 600.0
"""Keys are read again after ten minutes; default, no public source."""

REFRESH_SECONDS = 10.0
"""An unknown key id makes them be read again, at most this often: forged ids must not become load on the issuer."""

TIMEOUT_SECONDS = 1.5
"""The issuer has this long in all, so that a caller who waits for it and then for the database hears 503 within 5 s."""


class KeySource(Protocol):
    """Gives the issuer's public keys."""

    async def keys(self, *, unknown: bool = False) -> KeySet:
        """The keys; freshly read where `unknown` says that a key id is missing. Raises Away without any keys."""
        ...


class JwksKeys:
    """Keys read from `<issuer>/jwks` when first needed, kept ten minutes, and kept on while the issuer is away.

    Keys that are there are handed out at once and read again beside that; only an unknown key id waits for the issuer.
    """

    def __init__(
        self,
        issuer: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = issuer.rstrip("/") + "/jwks"
        self._transport = transport
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._done_at = float("-inf")
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        self._log = get_logger("identity")

    async def keys(self, *, unknown: bool = False) -> KeySet:
        asked = self._monotonic()
        if self._keys is not None and not (unknown and self._stale(asked, unknown)):
            if self._stale(asked, unknown) and (self._renewal is None or self._renewal.done()):
                self._renewal = asyncio.create_task(self._read())
            return self._keys
        async with self._lock:
            if self._done_at < asked:  # nobody has tried while this caller waited for the lock
                await self._read()
        if self._keys is None:
            raise Away(
                "the issuer of tokens cannot be reached, so nobody can be recognised now",
                mend="Repeat the request after the time in Retry-After.",
            )
        return self._keys

    def _stale(self, now: float, unknown: bool) -> bool:
        if now - self._tried_at < REFRESH_SECONDS:
            return False
        return unknown or now - self._read_at >= KEPT_SECONDS

    async def _read(self) -> None:
        import httpx

        self._tried_at = self._monotonic()
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                httpx.AsyncClient(timeout=TIMEOUT_SECONDS, transport=self._transport) as client,
            ):
                answer = await client.get(self._url)
                answer.raise_for_status()
                self._keys = _imported(answer.json())
                self._read_at = self._tried_at
        except Exception as error:  # noqa: BLE001 - whatever keeps us from the keys, the old ones go on
            self._log.warning("keys of the issuer could not be read", fault=type(error).__name__)
        finally:
            self._done_at = self._monotonic()


def _imported(jwks: Mapping[str, Any]) -> KeySet:
    from joserfc.jwk import KeySet

    return KeySet.import_key_set({"keys": list(jwks["keys"])})
