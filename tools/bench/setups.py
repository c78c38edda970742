# SPDX-License-Identifier: Apache-2.0
"""What is compared: a configuration, and what its client sends."""
from dataclasses import dataclass

BASIC = """
<Location "/">
    AuthType Basic
    AuthName "Console"
    AuthBasicProvider {provider}
    AuthUserFile conf/{file}
    Require valid-user
{more}
</Location>
"""
TWO_FACTOR = """
<{where}>
    AuthType TwoFactor
    AuthName "Console"
    TwoFactorProvider file
    AuthUserFile conf/sha
    Require valid-user
    TwoFactor optional
</{end}>
"""
GUARD = """
Include "{repo}/conf/cp2fa.conf"
TwoFactorCookieSecure off
"""
CACHED = """
AuthnCacheEnable
AuthnCacheSOCache shmcb
"""


@dataclass(frozen=True)
class Setup:
    """cookie: None, "any" or "session"; password: whether one is sent."""

    name: str
    text: str = ""
    guarded: bool = False
    cookie: str = None
    password: bool = False
    modules: tuple = ()

    def config(self, repo):
        return (GUARD.format(repo=repo) if self.guarded else "") + self.text


def basic(file, more="", provider="file"):
    return BASIC.format(file=file, more="    " + more, provider=provider)


ENROL = Setup("", basic("sha", "TwoFactor optional"), True)
BARE = Setup("bare")
COOKIE = Setup("bare, the client sends a cookie", cookie="any")
SHA = Setup("Basic {SHA}", basic("sha"), cookie="any", password=True)
OURS = Setup("AuthType TwoFactor", TWO_FACTOR.format(where='Directory "${DOCS}"', end="Directory"), True, cookie="session")
LOC = Setup("loc", TWO_FACTOR.format(where='Location "/"', end="Location"), True, cookie="session")
EMPTY = Setup("empty Location", '<Location "/">\nAuthName x\n</Location>', cookie="any")
OFF = Setup("off", '<Directory "${DOCS}">\nAuthName x\n</Directory>', True, cookie="any")
OFFN = Setup("offn", '<Directory "${DOCS}">\nAuthName x\n</Directory>', False, cookie="any")

BEHIND = Setup("Basic {SHA}, then mod_cp2fa",
               basic("sha", "TwoFactor optional"), True, cookie="session",
               password=True)
