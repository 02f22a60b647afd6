"""A small OpenID provider, run as a process of its own: `python tests/servers/oidc_provider.py PORT`.

Discovery, a sign-in form, single-use codes bound to client, address and PKCE challenge, signed tokens, its keys. The
person who signs in names their subject; some subjects get a token with a fault, for tests that must see it refused.
"""

import base64
import hashlib
import secrets
import sys
import time
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "jianzhen-console", "a secret of the provider's"
FAULTS = ("wrong-nonce", "wrong-audience", "wrong-issuer", "expired", "other-key", "unsigned", "no-subject")


class Provider:
    """Codes that were given and not yet exchanged."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.other = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.codes: dict[str, dict[str, str]] = {}

    async def discovery(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        sound = asked.get("client_id") == CLIENT and asked.get("response_type") == "code" and "openid" in asked["scope"]
        if not sound or asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            return JSONResponse({"error": "invalid_request"}, status_code=400)
        if request.method == "GET":
            return HTMLResponse('<form method="post"><input name="subject"><button>Sign in</button></form>')
        form = await request.form()
        code = secrets.token_urlsafe(24)
        self.codes[code] = {**asked, "subject": str(form["subject"])}
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", status_code=303)

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        given = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            given is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != given["redirect_uri"]
            or challenge != given["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        told = {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "expires_in": 60}
        return JSONResponse({**told, "id_token": self.id_token(given["subject"], given["nonce"])})

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    def id_token(self, subject: str, nonce: str) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "sub": subject, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 60}
        changed = {
            "wrong-nonce": {"nonce": "another"},
            "wrong-audience": {"aud": "another"},
            "wrong-issuer": {"iss": "http://127.0.0.1:1"},
            "expired": {"iat": now - 900, "exp": now - 600},
        }
        claims |= changed.get(subject, {})
        if subject == "no-subject":
            del claims["sub"]
        header = {"alg": "RS256", "kid": "one"}
        if subject == "unsigned":
            head, body, _ = jwt.encode(header, claims, self.key).split(".")
            none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            return f"{none}.{body}." if head else ""
        return jwt.encode(header, claims, self.other if subject == "other-key" else self.key)


def main(port: int) -> None:
    provider = Provider(port)
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.discovery),
            Route("/authorize", provider.authorize, methods=["GET", "POST"]),
            Route("/token", provider.token, methods=["POST"]),
            Route("/jwks", provider.jwks),
        ]
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
