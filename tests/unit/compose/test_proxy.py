"""What the proxy of docker-compose.yml answers where no replica did: nobody is led to do a write twice, and nobody
brings it down by what is sent."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from deploy.embedded.process import Child, Spec, free_port
from shared.errors import TooLarge
from shared.runtime.operations import MENDED_BYTES
from shared.runtime.settings import Settings
from tests.rolling.proxy import HOST, SETTINGS, settings
from tests.support.runbook import RUNBOOK
from tests.unit.compose.test_compose_file import SERVICES

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
KEY = {"Idempotency-Key": "k-1"}
REPEAT = "Repeat the request after the time in Retry-After."
SAME_KEY = "Repeat it with the same Idempotency-Key after the time in Retry-After."
LOOK_FIRST = "It may have been done: look first"
CASES = [
    ("GET", {}, REPEAT, "2"),
    ("HEAD", {}, REPEAT, "2"),
    ("POST", KEY, SAME_KEY, "2"),
    ("PUT", KEY, SAME_KEY, "2"),
    ("POST", {}, LOOK_FIRST, ""),
    ("PUT", {}, LOOK_FIRST, ""),
    ("DELETE", {}, LOOK_FIRST, ""),
]
each_case = pytest.mark.parametrize(
    ("method", "headers", "mend", "again_after"),
    CASES,
    ids=[f"{method} {'with a key' if headers else 'without'}" for method, headers, _, _ in CASES],
)


def chosen(variable: str, method: str, headers: dict[str, str]) -> str:
    """What the settings' map of this variable makes of a request, as nginx reads it: the first pattern that fits."""
    text = SETTINGS.read_text()
    block = re.search(
        r'map "\$request_method \$http_idempotency_key" \$' + variable + r" \{\n(.*?)\n    \}", text, re.S
    )
    assert block, f"there is no map of ${variable}"
    rows = re.findall(r'^\s+(?:"~(?P<pattern>[^"]+)"|default) (?:"([^"]*)"|(\w+));', block[1], flags=re.MULTILINE)
    assert rows[-1][0] == ""
    subject = f"{method} {headers.get('Idempotency-Key', '')}"
    fitting = (said or bare for pattern, said, bare in rows if not pattern or re.search(pattern, subject))
    return str(next(fitting))


@each_case
def test_only_what_may_be_done_twice_is_to_be_repeated(
    method: str, headers: dict[str, str], mend: str, again_after: str
) -> None:
    assert chosen("mend", method, headers).startswith(mend)
    assert chosen("again_after", method, headers) == again_after
    away = SETTINGS.read_text().partition("location @away")[2]
    assert '"mend":"$mend"' in away
    assert "add_header Retry-After $again_after always;" in away


UNITS = {"k": 2**10, "m": 2**20}


def size(text: str) -> int:
    """Bytes, as nginx and compose write them."""
    return int(text[:-1]) * UNITS[text[-1]]


def test_a_body_passes_that_a_service_takes_and_all_that_are_kept_leave_room_in_its_memory() -> None:
    (longest,) = re.findall(r"client_max_body_size (\w+);", SETTINGS.read_text())
    limits = (MENDED_BYTES, Settings.model_fields["body_limit_bytes"].default)
    assert max(limits) < size(longest) < 1.5 * max(limits)
    (place,) = SERVICES["proxy"]["tmpfs"]
    kept = size(place.removeprefix("/tmp:size="))
    assert 10 * size(longest) <= kept <= size(SERVICES["proxy"]["mem_limit"]) / 2
    assert "proxy_max_temp_file_size 0;" in SETTINGS.read_text(), "answers take none of that room"


def test_it_refuses_a_body_in_the_words_of_the_services() -> None:
    (said,) = re.findall(r"return 413 '(.*)';", SETTINGS.read_text())
    assert json.loads(said) == {
        "type": f"urn:entente:problem:{TooLarge.kind}",
        "title": TooLarge.title,
        "status": TooLarge.status,
        "detail": "the body is over the limit of this route",
        "mend": "Send less at once.",
        "faults": [],
    }


def test_the_runbook_quotes_what_it_says() -> None:
    (said,) = re.findall(r'"detail":"([^"]*\$service[^"]*)"', SETTINGS.read_text())
    assert f"`{said.replace('$service', '…')}`" in RUNBOOK.read_text()


class Breaking:
    """A replica that reads what it is asked and hangs up without an answer."""

    def __init__(self) -> None:
        self.asked = 0
        self._listening = socket.create_server((HOST, 0))
        self.url = f"http://{HOST}:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with caller:
                caller.recv(65536)
                self.asked += 1

    def close(self) -> None:
        """Gone: nobody listens any more. Repeatable."""
        if self._thread.is_alive():
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._thread.join(10)


@contextmanager
def proxy(replica: str, folder: Path) -> Iterator[str]:
    """The address of registration at an nginx with these settings, before this replica."""
    assert NGINX
    services = ("registration", "matching", "notifications")
    ports = {service: free_port() for service in services}
    file = folder / "nginx.conf"
    file.write_text(settings(dict.fromkeys(services, (replica,)), ports, folder))
    command = (NGINX, "-p", str(folder), "-c", str(file), "-e", "error.log")
    child = Child(Spec("proxy", command, lambda _it: _listens(ports["registration"])), folder)
    child.start()
    try:
        child.wait_ready(15)
        yield f"http://{HOST}:{ports['registration']}/requests"
    finally:
        child.stop(5)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(NGINX is None, reason="no nginx here (PATH or /usr/sbin): its settings were read, not run")
def test_nginx_says_so_where_a_replica_hung_up_and_where_none_is_there(tmp_path: Path) -> None:
    with closing(Breaking()) as replica, proxy(replica.url, tmp_path) as url, httpx.Client() as caller:
        for hung_up in (True, False):
            for method, headers, mend, again_after in CASES:
                before = replica.asked
                answer = caller.request(method, url, headers=headers)
                assert answer.status_code == 503
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert answer.headers.get("Retry-After", "") == again_after, (method, headers)
                assert replica.asked == before + hung_up
                if method != "HEAD":
                    said = answer.json()
                    assert said["detail"] == "no replica of registration answered"
                    assert said["mend"].startswith(mend), (method, headers)
            if hung_up:
                replica.close()


@pytest.mark.skipif(NGINX is None, reason="no nginx here (PATH or /usr/sbin): its settings were read, not run")
@pytest.mark.parametrize("headers", [{}, KEY], ids=["without a key", "with a key"])
def test_nginx_keeps_no_body_that_no_service_takes_and_says_so(tmp_path: Path, headers: dict[str, str]) -> None:
    with closing(Breaking()) as replica, proxy(replica.url, tmp_path) as url, httpx.Client() as caller:
        for content in (bytes(60_000_000), iter([bytes(1_000_000)] * 4)):  # its length is told; it is not
            answer = caller.post(url, content=content, headers=headers)
            assert answer.status_code == 413
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:entente:problem:too-large"
        assert replica.asked == 0
        assert caller.post(url, content=bytes(MENDED_BYTES), headers=headers).status_code == 503
        assert replica.asked == 1, "what a service takes gets there"


@pytest.mark.skipif(NGINX is None, reason="no nginx here (PATH or /usr/sbin): its settings were read, not run")
@pytest.mark.parametrize(("headers", "mend"), [({}, LOOK_FIRST), (KEY, SAME_KEY)], ids=["without a key", "with a key"])
def test_nginx_without_room_for_a_body_is_away_for_that_request(
    tmp_path: Path, headers: dict[str, str], mend: str
) -> None:
    with closing(Breaking()) as replica, proxy(replica.url, tmp_path) as url, httpx.Client() as caller:
        shutil.rmtree(tmp_path / "client")  # where bodies are kept
        answer = caller.post(url, content=bytes(100_000), headers=headers)
        assert answer.status_code == 503
        assert answer.json()["mend"].startswith(mend)
        assert replica.asked == 0
