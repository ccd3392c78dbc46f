"""Tokens that must let nobody in, by name, and those that must."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.unit.server.auth.issuer import NOW, JwksServer, b64, ec_key, jwk, rsa_key, sign, sign_bytes

LEGACY_SECRET = "the shared secret of a project, of forty-odd bytes"
Forge = Callable[[JwksServer], str]


def _pem(key: Any) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _claims(**claims: Any) -> Forge:
    return lambda issuer: issuer.token(**claims)


def _without(name: str) -> Forge:
    return lambda issuer: issuer.token(without=name)


def _header(**header: Any) -> Forge:
    return lambda issuer: issuer.token(header=header)


def _none(spelling: str) -> Forge:
    return lambda issuer: f"{_unsigned(issuer.token(kid='ec', algorithm=spelling, key=''))}."


def _unsigned(token: str) -> str:
    return token.rpartition(".")[0]


def _signature(signature: bytes) -> Forge:
    return lambda issuer: f"{_unsigned(issuer.token())}.{b64(signature)}"


def _hs256(key: str | bytes, kid: object = "ec") -> Forge:
    return lambda issuer: issuer.token(key=key, kid=kid, algorithm="HS256")


def _other_payload(issuer: JwksServer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{issuer.token(sub='00000000-0000-0000-0000-0000000000ff').split('.')[1]}.{signature}"


def _raw_payload(payload: bytes) -> Forge:
    head = json.dumps({"alg": "ES256", "kid": "ec"}).encode()
    return lambda issuer: sign_bytes(head, payload, ec_key(), "ES256")


def _deep(issuer: JwksServer) -> str:
    return f"{b64(b'[' * 3000)}.{b64(b'{}')}.{b64(b'x' * 64)}"


_FORGED_KEYS: Mapping[str, Any] = {
    "jku": "http://127.0.0.1:1/jwks.json",
    "x5u": "http://127.0.0.1:1/cert.pem",
    "x5c": ["MIIB"],
    "jwk": jwk("ec", ec_key(1)),
}

HOSTILE: dict[str, Forge] = {
    "alg none": _none("none"),
    "alg None": _none("None"),
    "alg NONE": _none("NONE"),
    "alg none with a signature": _header(alg="none"),
    "no alg": lambda issuer: sign({"kid": "ec"}, {"iss": issuer.issuer}, ec_key(), "ES256"),
    "alg as a list": _header(alg=["ES256"]),
    "alg of the other key": lambda issuer: issuer.token(kid="rsa"),
    "RS256 by the EC key's id": lambda issuer: issuer.token(key=rsa_key(), kid="ec", algorithm="RS256"),
    "RS384": lambda issuer: issuer.token(key=rsa_key(), kid="rsa", algorithm="RS384"),
    "HS256 keyed with the EC key's PEM": _hs256(_pem(ec_key())),
    "HS256 keyed with the RSA key's PEM": _hs256(_pem(rsa_key()), "rsa"),
    "HS256 keyed with the JWK": _hs256(json.dumps(jwk("ec", ec_key()))),
    "HS256 keyed with nothing": _hs256(""),
    "HS256 with the legacy secret while that is off": _hs256(LEGACY_SECRET, None),
    "HS256 with the legacy secret and a key's id": _hs256(LEGACY_SECRET),
    "another key's signature": lambda issuer: issuer.token(key=ec_key(1)),
    "another RSA key's signature": lambda issuer: issuer.token(key=rsa_key(1), kid="rsa", algorithm="RS256"),
    "a signature of zeros": _signature(bytes(64)),
    "a signature in DER": _signature(bytes.fromhex("30060201000201 00".replace(" ", ""))),
    "an empty signature": lambda issuer: f"{_unsigned(issuer.token())}.",
    "another payload": _other_payload,
    "kid unknown": lambda issuer: issuer.token(kid="gone"),
    "kid missing": lambda issuer: issuer.token(kid=None),
    "kid null": _header(kid=None),
    "kid empty": lambda issuer: issuer.token(kid=""),
    "kid as a list": lambda issuer: issuer.token(kid=["ec"]),
    "kid as a number": lambda issuer: issuer.token(kid=0),
    "kid as an object": lambda issuer: issuer.token(kid={"ec": 1}),
    "kid as a path": lambda issuer: issuer.token(kid="../../../../dev/null"),
    "kid as SQL": lambda issuer: issuer.token(kid="x' UNION SELECT 'secret' --"),
    "kid very long": lambda issuer: issuer.token(kid="ec" * 500),
    **{f"header {name}": _header(**{name: value}) for name, value in _FORGED_KEYS.items()},
    "jwk signed by that key": lambda issuer: issuer.token(key=ec_key(1), header={"jwk": jwk("ec", ec_key(1))}),
    "crit unknown": _header(crit=["exp2"], exp2=1),
    "b64 false": _header(b64=False, crit=["b64"]),
    "expired": _claims(exp=NOW - 11),
    "expired at the edge": _claims(exp=NOW - 10),
    "no exp": _without("exp"),
    "exp as text": _claims(exp=str(NOW + 60)),
    "exp NaN": _claims(exp=float("nan")),
    "exp infinite": _claims(exp=float("inf")),
    "exp true": _claims(exp=True),
    "exp null": _claims(exp=None),
    "exp beyond all time": _claims(exp=10**18),
    "exp of too many digits": _claims(exp=10**4000),
    "nbf ahead": _claims(nbf=NOW + 11),
    "nbf as text": _claims(nbf="0"),
    "nbf null": _claims(nbf=None),
    "iat ahead": _claims(iat=NOW + 11),
    "iat as text": _claims(iat="0"),
    "nbf true": _claims(nbf=True),
    "iat true": _claims(iat=True),
    "iat NaN": _claims(iat=float("nan")),
    "aud of others": _claims(aud="authenticated2"),
    "no aud": _without("aud"),
    "aud as a list": _claims(aud=["authenticated"]),
    "iss of others": _claims(iss="https://evil.example/auth/v1"),
    "no iss": _without("iss"),
    "iss that begins alike": lambda issuer: issuer.token(iss=f"{issuer.issuer}.evil.example"),
    "iss with a slash more": lambda issuer: issuer.token(iss=f"{issuer.issuer}/"),
    "iss as a list": lambda issuer: issuer.token(iss=[issuer.issuer]),
    "another project's valid token": lambda issuer: issuer.token(
        iss="https://other.supabase.co/auth/v1", key=ec_key(1)
    ),
    "no sub": _without("sub"),
    "sub empty": _claims(sub=""),
    "sub no uuid": _claims(sub="admin"),
    "sub a number": _claims(sub=11),
    "sub with more behind": _claims(sub="00000000-0000-0000-0000-00000000000b\n"),
    "sub with other digits": _claims(sub="٠0000000-0000-0000-0000-00000000000b"),
    "role service_role": _claims(role="service_role"),
    "role anon": _claims(role="anon"),
    "no role": _without("role"),
    "is_anonymous as text": _claims(is_anonymous="false"),
    "is_anonymous a number": _claims(is_anonymous=0),
    "is_anonymous null": _claims(is_anonymous=None),
    "no session_id": _without("session_id"),
    "session_id no uuid": _claims(session_id="x"),
    "200 kB": _claims(fill="x" * 200_000),
    "deep json in the header": _deep,
    "deep json in the payload": _raw_payload(b"[" * 3000),
    "payload no object": _raw_payload(b"[]"),
    "payload no json": _raw_payload(b"{"),
    "payload no UTF-8": _raw_payload(b"\xff\xfe"),
    "2 parts": lambda issuer: _unsigned(issuer.token()),
    "5 parts": lambda issuer: f"{issuer.token()}.e30.e30",
    "letters that are not ASCII": lambda issuer: issuer.token().replace(".", "\u2024"),
    "Bearer inside": lambda issuer: f"Bearer {issuer.token()}",
    "a newline behind": lambda issuer: f"{issuer.token()}\n",
    "a newline inside": lambda issuer: issuer.token().replace(".", ".\n", 1),
    "a space before": lambda issuer: f" {issuer.token()}",
    "padding": lambda issuer: f"{issuer.token()}==",
    "nothing": lambda issuer: "",
    "dots": lambda issuer: "..",
}

HONEST: dict[str, Forge] = {
    "ES256": lambda issuer: issuer.token(),
    "RS256": lambda issuer: issuer.token(key=rsa_key(), kid="rsa", algorithm="RS256"),
    "just not expired": _claims(exp=NOW - 9.5),
    "iat just not ahead": _claims(iat=NOW + 10),
    "nbf just not ahead": _claims(nbf=NOW + 10),
    "iat left out": _without("iat"),
    "anonymous": _claims(is_anonymous=True),
    "is_anonymous left out": _without("is_anonymous"),
}
