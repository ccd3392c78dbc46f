"""A Supabase project in miniature: keys, tokens signed with them, and the address its keys are fetched from."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.servers.loopback import LoopbackServer

NOW = 1_800_000_000.0
USER, SESSION = str(uuid.UUID(int=11)), str(uuid.UUID(int=12))
PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey


@cache
def ec_key(_number: int = 0) -> EllipticCurvePrivateKey:
    """A P-256 key, the same for a number."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(_number: int = 0) -> RSAPrivateKey:
    """An RSA key of 2,048 bits, the same for a number."""
    return rsa.generate_private_key(65537, 2048)


def jwk(kid: str, key: PrivateKey, **more: object) -> dict[str, Any]:
    """The public half, as a key set lists it."""
    if isinstance(key, EllipticCurvePrivateKey):
        named = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return {**named, "kid": kid, "alg": "ES256", "use": "sig", **more}
    named = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**named, "kid": kid, "alg": "RS256", "use": "sig", **more}


def b64(data: bytes) -> str:
    """Base64 as tokens have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class JwksServer:
    """Serves a key set on the loopback, well or badly."""

    keys: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    now: float = NOW
    """When the tokens are made."""
    status: str = "200 OK"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    """Sent in place of the keys."""
    stalls: bool = False
    """Whether it takes the request and says nothing."""
    endless: bool = False
    fetches: int = 0
    paths: list[str] = field(default_factory=list[str])

    async def __aenter__(self) -> Self:
        self.asked = asyncio.Event()
        self._server = LoopbackServer(self._serve)
        await self._server.start()
        self.url = f"http://127.0.0.1:{self._server.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    @property
    def issuer(self) -> str:
        return f"{self.url}/auth/v1"

    def token(
        self,
        *,
        key: PrivateKey | str | bytes | None = None,
        kid: object = "ec",
        algorithm: str = "ES256",
        header: Mapping[str, Any] | None = None,
        without: str = "",
        **claims: Any,
    ) -> str:
        """A token, valid in all that is not said otherwise; `without` names a claim to leave out."""
        said = {
            "iss": self.issuer,
            "aud": "authenticated",
            "role": "authenticated",
            "sub": USER,
            "session_id": SESSION,
            "iat": self.now - 60,
            "exp": self.now + 3540,
            "is_anonymous": False,
            "aal": "aal1",
            "email": "ada@example.org",
            **claims,
        }
        said.pop(without, None)
        head = {"alg": algorithm, "typ": "JWT", **({} if kid is None else {"kid": kid}), **(header or {})}
        return sign(head, said, key if key is not None else ec_key(), algorithm)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.fetches += 1
        self.paths.append(request.split()[1].decode())
        self.asked.set()
        if self.stalls:
            await reader.read()
            return
        body = json.dumps({"keys": self.keys}).encode() if self.body is None else self.body
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        length = "" if self.endless else f"content-length: {len(body)}\r\n"
        writer.write(f"HTTP/1.1 {self.status}\r\n{more}{length}connection: close\r\n\r\n".encode() + body)
        while self.endless:
            writer.write(b" " * 4096)
            await writer.drain()


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: PrivateKey | str | bytes, algorithm: str) -> str:
    """A token of exactly that header and those claims, NaN included, by the algorithm's own signature."""
    return sign_bytes(json.dumps(header).encode(), json.dumps(claims).encode(), key, algorithm)


def sign_bytes(header: bytes, claims: bytes, key: PrivateKey | str | bytes, algorithm: str) -> str:
    """The same of parts that need not be JSON."""
    signed = f"{b64(header)}.{b64(claims)}"
    return f"{signed}.{b64(_signature(signed.encode(), key, algorithm))}"


def _signature(signed: bytes, key: PrivateKey | str | bytes, algorithm: str) -> bytes:
    if algorithm == "HS256":
        return hmac.new(key.encode() if isinstance(key, str) else bytes(key), signed, hashlib.sha256).digest()  # pyright: ignore
    if algorithm.lower() == "none":
        return b""
    by = jwt.get_algorithm_by_name(algorithm)
    return by.sign(signed, key)
