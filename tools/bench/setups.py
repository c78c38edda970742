# SPDX-License-Identifier: Apache-2.0
"""What is compared: a configuration, and what its client sends."""
from dataclasses import dataclass
from typing import Callable

from server import REPO

PLACE = '<Location "/">\n{lines}\n</Location>\n'
BASIC = """\
    AuthType Basic
    AuthName "Console"
    AuthBasicProvider {provider}
    AuthUserFile conf/{file}
    Require valid-user
    {more}"""
TWO_FACTOR = """\
    AuthType TwoFactor
    AuthName "Console"
    TwoFactorProvider file
    AuthUserFile conf/sha
    Require valid-user
    TwoFactor optional"""
FORM = """\
    AuthType form
    AuthName "Console"
    AuthFormProvider file
    AuthUserFile conf/sha
    Require valid-user
    Session On
    SessionCookieName session path=/
    {more}"""
FORM_LOGIN = """
<Location "/login">
    SetHandler form-login-handler
    AuthFormLoginSuccessLocation "/page.html"
    Require all granted
</Location>
"""
CACHED = 'AuthnCacheEnable\nAuthnCacheSOCache shmcb\n'
GUARD = 'Include "{repo}/conf/cp2fa.conf"\nTwoFactorCookieSecure off\n'

# what is loaded: in each server, and in one with such a guard
EVERYWHERE = ("mime", "authz_core")
OF_BASIC = ("authn_core", "authn_file", "authz_user", "auth_basic")
OF_FORM = ("authn_core", "authn_file", "authz_user", "session",
           "session_cookie", "request", "auth_form")
OF_GUARD = ("authn_core", "authn_file", "authz_user", "alias", "negotiation",
            "include", "socache_shmcb")


@dataclass(frozen=True)
class Setup:
    """cookie: None, "any", or whose of signin.py's; slow: a request takes
    millions of instructions; service: of services.py, what it adds to the
    configuration; enter: a log-in after each start, where that forgets."""

    name: str
    text: str = ""
    guarded: bool = False
    cookie: str = None
    password: bool = False
    modules: tuple = ()
    slow: bool = False
    mpm: str = "event"
    service: Callable = None
    enter: Callable = None

    def config(self, more=""):
        guard = GUARD.format(repo=REPO) if self.guarded else ""
        return guard + more + self.text

    def loads(self):
        """Each once, in httpd's order."""
        return tuple(dict.fromkeys((
            "mpm_" + self.mpm, *EVERYWHERE,
            *(OF_GUARD if self.guarded else ()), *self.modules)))


def basic(file, more="", provider="file"):
    return PLACE.format(lines=BASIC.format(file=file, more=more,
                                           provider=provider))


def form(name, cookie, more="", modules=(), slow=False):
    return Setup(name, PLACE.format(lines=FORM.format(more=more)) + FORM_LOGIN,
                 cookie=cookie, modules=OF_FORM + modules, slow=slow)


# whoever comes is let in: what a password costs is not asked here
ANYBODY = PLACE.format(lines="""\
    AuthType Basic
    AuthName "Console"
    AuthBasicProvider anon
    Anonymous *
    Anonymous_MustGiveEmail off
    Anonymous_LogEmail off
    Require valid-user
    TwoFactor optional""")
GUARDED = PLACE.format(lines=TWO_FACTOR)
ENROL = Setup("", basic("sha", "TwoFactor optional"), True, modules=OF_BASIC)
BARE = Setup("bare")
COOKIE = Setup("bare, the client sends a cookie", cookie="any")
# beside what is guarded: the same modules, and a section to merge
LOADED = Setup("the same, with what mod_cp2fa needs loaded", cookie="any",
               modules=OF_GUARD)
PLACED = Setup('that, with an empty `<Location "/">`',
               PLACE.format(lines='    AuthName "Console"'), cookie="any",
               modules=OF_GUARD)
SHA = Setup("Basic {SHA}", basic("sha"), cookie="any", password=True,
            modules=OF_BASIC)
OURS = Setup("**AuthType TwoFactor**", GUARDED, True, cookie="session")
BEHIND = Setup("**Basic {SHA}, then mod_cp2fa**",
               basic("sha", "TwoFactor optional"), True, cookie="session",
               password=True, modules=OF_BASIC)
BCRYPT = Setup("Basic bcrypt (cost 10), mod_authn_socache",
               CACHED + basic("bcrypt", "AuthnCacheProvideFor file",
                              "socache file"),
               cookie="any", password=True,
               modules=(*OF_BASIC, "socache_shmcb", "authn_socache"),
               slow=True)
REUSE = Setup("**Basic bcrypt, mod_cp2fa with TwoFactorPasswordReuse**",
              basic("bcrypt", "TwoFactor optional\n"
                              "    TwoFactorPasswordReuse 1h"),
              True, cookie="session", password=True, modules=OF_BASIC)
PLAIN = form("form, mod_session_cookie", "form")
CRYPTO = form("form, mod_session_crypto", "sealed form",
              "SessionCryptoPassphrase bench", ("session_crypto",), slow=True)
