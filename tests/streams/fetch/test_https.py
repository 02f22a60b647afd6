"""HTTPS through pinned connections: the certificate is that of the name asked for, though the address was pinned."""

import datetime
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.errors import FetchError
from streams.fetch import FetchSettings, SafeFetcher

NAME = "shop.example"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A fresh self-signed certificate for `NAME` and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


class Page(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        try:
            with self.server.context.wrap_socket(self.request, server_side=True) as stream:  # type: ignore[attr-defined]
                stream.recv(65536)
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        except OSError:
            pass  # the client did not trust us


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of an HTTPS server and the file of the authority that signed it."""
    files = certificate(tmp_path)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Page) as server:
        server.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)  # type: ignore[attr-defined]
        server.context.load_cert_chain(*files)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1], files[0]
        server.shutdown()
        thread.join()


def loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_the_name_is_verified_though_the_address_is_pinned(shop: tuple[int, Path]) -> None:
    port, authority = shop
    with SafeFetcher(FetchSettings(allow_private=True, ca_file=authority), resolver=loopback) as fetcher:
        assert fetcher.get(f"https://{NAME}:{port}/").body == b"hello"
        with pytest.raises(FetchError, match=r"connection failed: .*certificate"):
            fetcher.get(f"https://other.example:{port}/")


def test_an_unknown_authority_is_not_trusted(shop: tuple[int, Path]) -> None:
    with (
        SafeFetcher(FetchSettings(allow_private=True), resolver=loopback) as fetcher,
        pytest.raises(FetchError, match=r"connection failed: .*certificate"),
    ):
        fetcher.get(f"https://{NAME}:{shop[0]}/")
