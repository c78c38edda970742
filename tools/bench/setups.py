# SPDX-License-Identifier: Apache-2.0
"""What is compared: a configuration, and what its client sends."""
from dataclasses import dataclass

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
    SessionCryptoPassphrase bench"""
FORM_LOGIN = """
<Location "/login">
    SetHandler form-login-handler
    AuthFormLoginSuccessLocation "/page.html"
    Require all granted
</Location>
"""
CACHED = 'AuthnCacheEnable\nAuthnCacheSOCache shmcb\n'
GUARD = 'Include "{repo}/conf/cp2fa.conf"\nTwoFactorCookieSecure off\n'


@dataclass(frozen=True)
class Setup:
    """cookie: None, "any", "session" or "form"; slow: a request takes tens of
    millions of instructions."""

    name: str
    text: str = ""
    guarded: bool = False
    cookie: str = None
    password: bool = False
    modules: tuple = ()
    slow: bool = False

    def config(self, repo):
        return (GUARD.format(repo=repo) if self.guarded else "") + self.text


def basic(file, more="", provider="file"):
    return PLACE.format(lines=BASIC.format(file=file, more=more,
                                           provider=provider))


ENROL = Setup("", basic("sha", "TwoFactor optional"), True)
BARE = Setup("bare")
COOKIE = Setup("bare, the client sends a cookie", cookie="any")
PLACED = Setup('the same, with an empty `<Location "/">`',
               PLACE.format(lines='    AuthName "Console"'), cookie="any")
SHA = Setup("Basic {SHA}", basic("sha"), cookie="any", password=True)
OURS = Setup("**AuthType TwoFactor**", PLACE.format(lines=TWO_FACTOR), True,
             cookie="session")
BEHIND = Setup("**Basic {SHA}, then mod_cp2fa**",
               basic("sha", "TwoFactor optional"), True, cookie="session",
               password=True)
BCRYPT = Setup("Basic bcrypt (cost 10), mod_authn_socache",
               CACHED + basic("bcrypt", "AuthnCacheProvideFor file",
                              "socache file"),
               cookie="any", password=True, modules=("authn_socache",),
               slow=True)
REUSE = Setup("**Basic bcrypt, mod_cp2fa with TwoFactorPasswordReuse**",
              basic("bcrypt", "TwoFactor optional\n"
                              "    TwoFactorPasswordReuse 1h"),
              True, cookie="session", password=True)
CRYPTO = Setup("form, mod_session_crypto",
               PLACE.format(lines=FORM) + FORM_LOGIN, cookie="form",
               modules=("session", "session_cookie", "session_crypto",
                        "request", "auth_form"), slow=True)
ALL = (BARE, COOKIE, PLACED, SHA, OURS, BEHIND, REUSE, CRYPTO, BCRYPT)
