"""A proxy that speaks HTTPS before the product, as Caddy and nginx do, and a browser of a kind that talks to it."""

import re
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPMessage
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PATIENCE_SECONDS = 60


def certificate(folder: Path) -> Path:
    """A certificate for localhost, with its key, made for this test alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now().astimezone()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    path = folder / "localhost.pem"
    key_bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM) + key_bytes)
    return path


@contextmanager
def https(port: int, behind: int, pem: Path) -> Iterator[None]:
    """Speak HTTPS on `port`, and hand every request on to the port behind, with X-Forwarded-Proto set here."""

    class Handler(BaseHTTPRequestHandler):
        def hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "x-forwarded-proto"}
            connection = HTTPConnection("127.0.0.1", behind, timeout=PATIENCE_SECONDS)
            connection.request(self.command, self.path, body, {**headers, "X-Forwarded-Proto": "https", "Connection": "close"})
            answer = connection.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = hand_on  # noqa: N815 - the names of the library

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Browser:
    """Keeps cookies as a browser does, trusts one certificate, and sends forms with their tokens."""

    home: str
    pem: Path
    jar: CookieJar = field(default_factory=CookieJar)
    page: str = ""
    headers: HTTPMessage = field(default_factory=HTTPMessage)
    address: str = ""

    def __post_init__(self) -> None:
        secure = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.pem)))
        self._opener = urllib.request.build_opener(secure, urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> int:
        return self._ask(urllib.request.Request(self.home + path))  # noqa: S310 - our own https address

    def send(self, path: str, **typed: str) -> int:
        """Send the form of the page that is open, to this path."""
        tokens = dict(re.findall(r'name="(csrfmiddlewaretoken|kept_for)" value="([^"]+)"', self.page))
        origin = {"Referer": self.address, "Origin": self.home}
        return self._ask(urllib.request.Request(self.home + path, urlencode({**tokens, **typed}).encode(), origin))  # noqa: S310 - as above

    def _ask(self, request: urllib.request.Request) -> int:
        try:
            answer = self._opener.open(request, timeout=PATIENCE_SECONDS)
        except HTTPError as error:
            answer = error
        with answer:
            self.page, self.headers, self.address = answer.read().decode(), answer.headers, answer.geturl()
            return int(answer.status)
