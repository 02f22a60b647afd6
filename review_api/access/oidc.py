"""Signing in with the organisation's OpenID provider: authorization code with PKCE (RFC 6749, 7636).

Owns the way to the provider and back, and what makes an answer believable: the state of this browser's own attempt, a
code that is exchanged with the attempt's verifier, a token that the provider signed for us, now, with the attempt's
nonce. Whose account that is, the store says; nobody is let in whom no administrator has named.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any, Self

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from models.errors import ConfigurationError, NotSignedInError, TransientFault
from review_api.settings import ReviewSettings
from review_api.tokens import csrf_matches

CALLBACK = "/signin/oidc/callback"
PATIENCE_S = 10.0
LEEWAY_S = 60
# Signatures that only the provider can make; a shared secret is none.
ALGORITHMS = ["RS256", "PS256", "ES256"]
SCOPE = "openid"


@dataclass(frozen=True)
class Attempt:
    """One browser's way to the provider; it stays in that browser's cookie until it comes back."""

    state: str
    nonce: str
    verifier: str
    target: str

    @classmethod
    def begin(cls, target: str) -> Self:
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), target)

    @classmethod
    def read(cls, cookie: str) -> Self:
        """Raises `NotSignedInError` for a cookie that is missing or not one of ours."""
        try:
            given = json.loads(cookie)
            return cls(**{name: str(given[name]) for name in ("state", "nonce", "verifier", "target")})
        except (ValueError, TypeError, KeyError):
            raise refused("the sign-in was not begun in this browser") from None

    def cookie(self) -> str:
        return json.dumps(asdict(self))


class Provider:
    """The provider of the settings. What it says of itself is asked anew for every sign-in."""

    def __init__(self, settings: ReviewSettings) -> None:
        if not settings.oidc_client_id or not settings.public_address:
            raise ConfigurationError(
                "an OpenID provider needs oidc_client_id and public_address as well", where="review.oidc_issuer"
            )
        self.issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._callback = settings.public_address.rstrip("/") + CALLBACK

    def way_out(self, attempt: Attempt) -> str:
        """The provider's address to send the browser to. Raises `TransientFault` when it does not answer."""
        with _session() as session:
            endpoint = self._metadata(session)["authorization_endpoint"]
            url, _ = self._client(session).create_authorization_url(
                endpoint, state=attempt.state, code_verifier=attempt.verifier, nonce=attempt.nonce
            )
        return str(url)

    def identity(self, attempt: Attempt, *, state: str, code: str) -> str:
        """Who came back, as `models.access.Account.identity` names people. Raises `NotSignedInError` for an answer
        that is not believable, `TransientFault` when the provider does not answer."""
        if not code or not csrf_matches(attempt.state, state):
            raise refused("the provider's answer does not belong to this sign-in")
        with _session() as session:
            metadata = self._metadata(session)
            try:
                token = self._client(session).fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=self._callback,
                    auth=httpx.BasicAuth(self._client_id, self._secret) if self._secret else httpx.Auth(),
                    **({} if self._secret else {"client_id": self._client_id}),
                )
                keys = KeySet.import_key_set({"keys": _json(session.get(metadata["jwks_uri"]))["keys"]})
                claims = self._believed(token, keys, attempt.nonce)
            except (OAuth2Error, JoseError, KeyError, ValueError, TypeError) as error:
                raise refused(f"the provider's answer does not hold: {type(error).__name__}") from None
            except httpx.HTTPError as error:
                raise _away(self.issuer, error) from None
        return f"{self.issuer} {claims['sub']}"

    def _believed(self, token: dict[str, Any], keys: KeySet, nonce: str) -> CodeIDToken:
        decoded = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=LEEWAY_S)
        return claims

    def _metadata(self, session: httpx.Client) -> dict[str, Any]:
        """What the provider says of itself. It must name itself as we do."""
        try:
            found = _json(session.get(self.issuer.rstrip("/") + "/.well-known/openid-configuration"))
        except (httpx.HTTPError, ValueError) as error:
            raise _away(self.issuer, error) from None
        if found.get("issuer") != self.issuer:
            raise ConfigurationError("the provider names itself otherwise", where="review.oidc_issuer")
        return found

    def _client(self, session: httpx.Client) -> OAuth2Client:
        return OAuth2Client(
            session,
            client_id=self._client_id,
            client_secret=self._secret or None,
            scope=SCOPE,
            redirect_uri=self._callback,
            code_challenge_method="S256",
        )


def provider_of(settings: ReviewSettings) -> Provider | None:
    """The provider, where the settings name one. Raises `ConfigurationError` where they name it by halves."""
    return Provider(settings) if settings.oidc_issuer else None


def refused(what: str) -> NotSignedInError:
    return NotSignedInError(what, mend="begin again on the sign-in page")


def _session() -> httpx.Client:
    return httpx.Client(timeout=PATIENCE_S, follow_redirects=False, trust_env=False)


def _json(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _away(issuer: str, error: Exception) -> TransientFault:
    return TransientFault(
        f"the sign-in provider does not answer: {type(error).__name__}", where=issuer, mend="try again in a while"
    )
