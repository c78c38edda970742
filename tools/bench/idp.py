# SPDX-License-Identifier: Apache-2.0
"""An OpenID Connect provider that lets everybody in, for mod_auth_openidc."""
import base64
import json
import subprocess
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from server import USER

CLIENT, SECRET = "bench", "a secret of the bench's own"
METADATA = "/.well-known/openid-configuration"
CONFIG = """\
OIDCProviderMetadataURL {issuer}{metadata}
OIDCClientID {client}
OIDCClientSecret "{secret}"
OIDCRedirectURI /callback
OIDCCryptoPassphrase bench
OIDCSessionType server-cache
OIDCCacheType shm
OIDCProviderTokenEndpointAuth client_secret_post
"""


def packed(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """RSA, by openssl."""

    def __init__(self, folder):
        self.path = folder / "idp.key"
        self._openssl("genrsa", "-out", self.path, "2048")
        said = self._openssl("rsa", "-in", self.path, "-noout", "-modulus")
        self.public = {
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1",
            "e": packed(b"\x01\x00\x01"),
            "n": packed(bytes.fromhex(said.decode().split("=")[1]))}

    def _openssl(self, *words, **more):
        return subprocess.run(["openssl", *words], check=True,
                              capture_output=True, **more).stdout

    def sign(self, claims):
        """As JWS, compact."""
        text = ".".join(packed(json.dumps(part).encode()) for part in (
            {"alg": "RS256", "kid": "1"}, claims))
        return text + "." + packed(self._openssl(
            "dgst", "-sha256", "-sign", self.path, input=text.encode()))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, value, status=200, **fields):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json",
                           "Content-Length": str(len(body)),
                           **fields}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        issuer = self.server.issuer
        if url.path == METADATA:
            self.say({"issuer": issuer, "jwks_uri": issuer + "/keys",
                      "authorization_endpoint": issuer + "/authorize",
                      "token_endpoint": issuer + "/token",
                      "response_types_supported": ["code"],
                      "subject_types_supported": ["public"],
                      "id_token_signing_alg_values_supported": ["RS256"]})
        elif url.path == "/keys":
            self.say({"keys": [self.server.key.public]})
        else:  # authorize: whoever comes is let in
            asked = dict(urllib.parse.parse_qsl(url.query))
            back = urllib.parse.urlencode({"code": asked["nonce"],
                                           "state": asked["state"]})
            self.say({}, 302, Location=f"{asked['redirect_uri']}?{back}")

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        asked = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        now = int(time.time())
        self.say({"access_token": "none", "token_type": "Bearer",
                  "expires_in": 3600, "id_token": self.server.key.sign({
                      "iss": self.server.issuer, "aud": CLIENT, "sub": USER,
                      "iat": now, "exp": now + 3600,
                      "nonce": asked["code"]})})


class Provider:
    def __init__(self, site):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.key = Key(site.root)
        issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.server.issuer = issuer
        self.config = CONFIG.format(issuer=issuer, metadata=METADATA,
                                    client=CLIENT, secret=SECRET)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def log_in(site):
    """From the page to the provider and back: the session's cookie."""
    import requests
    with requests.Session() as browser:
        browser.trust_env = False
        answer = browser.get(site.origin + "/page.html", timeout=60,
                             headers={"Accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return "mod_auth_openidc_session=" + browser.cookies[
            "mod_auth_openidc_session"]
