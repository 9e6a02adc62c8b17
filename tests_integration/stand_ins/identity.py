"""Stand-ins for who issues and checks identities: Google's key set with a real signer, and tokens
that a database takes for passwords."""
import base64
import json
import time
from urllib.parse import unquote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from stand_ins.http_stand_in import HttpStandIn
from stand_ins.metadata_server import MetadataServer

ACCOUNT = "walpulse-push@walpulse-local.iam.gserviceaccount.com"
AUDIENCE = "https://walpulse.example.com/push"
READER = "ana@example.com"
IAP_AUDIENCE = "/projects/123456789012/locations/europe-west1/services/walpulse-page"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key that signs as Google does."""

    def __init__(self, kid):
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid,
                "n": base64url(numbers.n.to_bytes(256, "big")), "e": base64url(b"\1\0\1")}

    def token(self, header=None, **claims):
        """A token as Pub/Sub pushes it; None leaves a claim out."""
        now = int(time.time())
        body = {"aud": AUDIENCE, "azp": "1", "email": ACCOUNT, "email_verified": True,
                "exp": now + 3600, "iat": now, "iss": "https://accounts.google.com", "sub": "1",
                **claims}
        body = {name: value for name, value in body.items() if value is not None}
        head = {"alg": "RS256", "kid": self.kid, "typ": "JWT", **(header or {})}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, body))
        signature = self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{base64url(signature)}"


class IapKey:
    """A key on P-256 that signs as Identity-Aware Proxy does
    (https://cloud.google.com/iap/docs/signed-headers-howto)."""

    def __init__(self, kid):
        self.kid = kid
        self.private = ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        numbers = self.private.public_key().public_numbers()
        return {"kty": "EC", "alg": "ES256", "use": "sig", "crv": "P-256", "kid": self.kid,
                "x": base64url(numbers.x.to_bytes(32, "big")),
                "y": base64url(numbers.y.to_bytes(32, "big"))}

    def signature(self, text, der=False):
        signed = self.private.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        if der:
            return signed
        r, s = utils.decode_dss_signature(signed)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def assertion(self, header=None, der=False, **claims):
        """What stands in x-goog-iap-jwt-assertion; None leaves a claim out."""
        now = int(time.time())
        body = {"aud": IAP_AUDIENCE, "email": READER, "exp": now + 600,
                "google": {"access_levels": []}, "hd": "example.com", "iat": now,
                "iss": "https://cloud.google.com/iap", "sub": "accounts.google.com:1", **claims}
        body = {name: value for name, value in body.items() if value is not None}
        head = {"alg": "ES256", "typ": "JWT", "kid": self.kid, **(header or {})}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, body))
        return f"{text}.{base64url(self.signature(text, der))}"


class KeySet(HttpStandIn):
    """Serves the keys, or whatever `broken` is: (status, body, seconds to wait)."""

    def __init__(self, *keys):
        self.keys, self.broken, self.requests = list(keys), None, 0
        super().__init__()

    def answer(self, method, path, headers, body):
        self.requests += 1
        headers = {"Cache-Control": "public, max-age=20000", "Content-Type": "application/json"}
        if self.broken:
            status, text, pause = self.broken
            time.sleep(pause)
            return status, headers, text
        return 200, headers, json.dumps({"keys": [key.jwk() for key in self.keys]}).encode()


class ShortTokens(MetadataServer):
    """Tokens that live for two seconds: each login has a new one soon after `token` changes. Also
    hands out identity tokens, signed with `key`."""

    def __init__(self, token, key=None):
        self.key, self.asked_scopes = key, set()
        super().__init__(token=token)

    def answer(self, method, path, headers, body):
        if path.split("?")[0].endswith("/identity") and self.key:
            audience = unquote(path.split("audience=")[1].split("&")[0])
            return 200, {"Metadata-Flavor": "Google"}, self.key.token(aud=audience).encode()
        if "scopes=" in path:
            self.asked_scopes.add(path.split("scopes=")[1])
        status, kept, answer = super().answer(method, path, headers, body)
        return status, kept, answer.replace(b"3599", b"2")
