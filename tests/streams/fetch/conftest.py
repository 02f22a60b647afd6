"""A loopback server that counts every connection it is given: honest pages, hostile ones, and a canary."""

import gzip
import socketserver
import threading
import time
import zlib
from collections.abc import Iterator

import pytest

DRIP_S = 0.02


class Canary(socketserver.ThreadingTCPServer):
    """Answers by path; `connections` counts what was opened, `requests` keeps what was said."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0
        self.requests: list[bytes] = []
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


class Handler(socketserver.BaseRequestHandler):
    server: Canary

    def handle(self) -> None:
        self.server.connections += 1
        said = b""
        while b"\r\n\r\n" not in said:
            more = self.request.recv(65536)
            if not more:
                return
            said += more
        self.server.requests.append(said)
        path = said.split(b" ", 2)[1].decode()
        try:
            for piece in self.answer(path):
                self.request.sendall(piece)
        except OSError:
            pass  # the client has seen enough

    def answer(self, path: str) -> Iterator[bytes]:
        port = self.server.port
        if path == "/page":
            yield reply(b"hello", "Content-Type: Text/HTML; charset=utf-8", "Set-Cookie: a=b; Path=/")
        elif path == "/packed":
            yield reply(gzip.compress(b"hello " * 1000), "Content-Encoding: gzip")
        elif path == "/bomb":
            yield reply(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip")
        elif path == "/nested":
            yield reply(gzip.compress(gzip.compress(bytes(50_000_000))), "Content-Encoding: gzip, gzip")
        elif path == "/half":
            yield reply(zlib.compress(b"hello " * 1000)[:20], "Content-Encoding: deflate")
        elif path == "/damaged":
            yield reply(b"\x1f\x8b\x08\x00nonsense that is not packed", "Content-Encoding: gzip")
        elif path == "/brotli":
            yield reply(b"x", "Content-Encoding: br")
        elif path == "/claims-much":
            yield b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx"
        elif path == "/endless":
            yield b"HTTP/1.1 200 OK\r\n\r\n"
            while not self.server.over.is_set():
                yield bytes(65536)
        elif path == "/drip-body":
            yield b"HTTP/1.1 200 OK\r\n\r\n"
            yield from self.drip(b"x")
        elif path == "/drip-head":
            yield b"HTTP/1.1 200 OK\r\n"
            yield from self.drip(b"X: y\r\n")
        elif path == "/cut":
            yield b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        elif path == "/garbage":
            yield b"\x00\x01\x02 not a web server\r\n\r\n"
        elif path.startswith("/hops/"):
            left = int(path.rsplit("/", 1)[1])
            yield redirect(f"/hops/{left - 1}" if left else "/page")
        elif path == "/circle":
            yield redirect("/circle-back")
        elif path == "/circle-back":
            yield redirect("/circle")
        elif path == "/to-metadata":
            yield redirect("http://169.254.169.254/latest/meta-data/")
        elif path == "/to-file":
            yield redirect("file:///etc/passwd")
        elif path == "/to-user":
            yield redirect(f"http://user:secret@127.0.0.1:{port}/page")
        elif path == "/to-nothing":
            yield redirect("http://shop.example:port/")
        else:
            yield b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def drip(self, piece: bytes) -> Iterator[bytes]:
        while not self.server.over.is_set():
            yield piece
            time.sleep(DRIP_S)


def reply(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def redirect(location: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@pytest.fixture
def canary() -> Iterator[Canary]:
    with Canary() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()
