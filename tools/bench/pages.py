# SPDX-License-Identifier: Apache-2.0
"""The token page beside a static page of its size, both through mod_include;
`python3 tools/bench/pages.py` prints their instructions, and the functions."""
import re
import sys
from dataclasses import replace

from count import Counter
from functions import by_function
from server import Site
from setups import OF_BASIC, Setup, basic
from signin import sign_in
from wire import Connection

TOKEN, PROFILE, STATIC = "/2fa/token", "/2fa/profile", "/static.shtml"
# where nobody is asked for anything: count.py's way to end a count
OPEN = """
<Location "/none">
    AuthType None
    TwoFactor off
    Require all granted
</Location>
"""
CHALLENGED = Setup("the token page", basic("sha", "TwoFactor optional") + OPEN,
                   True, password=True, modules=OF_BASIC)
# who has a session and a device, one of each
SIGNED_IN = replace(CHALLENGED, name="My Profile", cookie="session")
# a slow hash, which no file of the page is to be asked for again
BCRYPT = replace(CHALLENGED, name="the token page, with bcrypt",
                 text=basic("bcrypt", "TwoFactor optional") + OPEN, slow=True)
INCLUDED = Setup("a static .shtml of its size", """
<Directory "${DOCS}">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
""", modules=("include",))
# the same, whose reader is asked for a password
BEHIND_BASIC = replace(INCLUDED, name="the same, behind Basic {SHA}",
                       text=INCLUDED.text + basic("sha"), password=True,
                       modules=("include", *OF_BASIC))
# the very templates, with no module that knows of them
VALUES = """
Alias /templates "${CP2FA_HTDOCS}"
<Directory "${CP2FA_HTDOCS}">
    Require all granted
    Options +Includes
    AddOutputFilter INCLUDES .shtml
    AddType text/html .shtml
    AddCharset utf-8 .shtml
</Directory>
SetEnv CP2FA_ISSUER Console
SetEnv CP2FA_USER alice
SetEnv CP2FA_PATH /2fa
SetEnv CP2FA_DIGITS 6
SetEnv CP2FA_REALM Console
SetEnv CP2FA_RETURN /
SetEnv CP2FA_BYPASS 0
SetEnv CP2FA_CSRF 0123456789012345678901234567890123456789012
"""
TEMPLATES = Setup("the same templates, without mod_cp2fa", VALUES,
                  modules=("include", "alias", "env"))
FLAT = replace(TEMPLATES, name="the same in one file, without #include")
PATHS = {CHALLENGED: TOKEN, BCRYPT: TOKEN, SIGNED_IN: PROFILE,
         TEMPLATES: "/templates/token.shtml.en",
         FLAT: "/templates/flat.shtml"}
INCLUDE = re.compile(r'<!--#include file="([^"]+)" -->')


def flat(folder, name):
    return INCLUDE.sub(lambda found: flat(folder, found[1]).rstrip("\n"),
                       (folder / name).read_text())


def lay_out(site):
    """Makes the static page; the size of both."""
    site.start(CHALLENGED)
    try:
        client = Connection(site, CHALLENGED, None)
        page = client.ask(TOKEN)
        client.close()
    finally:
        site.stop()
    assert b'name="csrf"' in page and b"<!--" not in page
    (site.root / "docs/static.shtml").write_bytes(page)
    htdocs = site.root / "htdocs"
    (htdocs / "flat.shtml").write_text(flat(htdocs, "token.shtml.en"))
    return len(page)


def instructions(site, setup, functions=None, session=None):
    with Counter(site, setup, session, PATHS.get(setup, STATIC)) as counter:
        found, made, requests = counter.per_request()
        if functions is not None:
            functions += by_function(made, requests, inclusive=functions == [])
        return found


def main():
    site = Site()
    try:
        session = sign_in(site)
        print(f"{lay_out(site)} bytes")
        static = instructions(site, INCLUDED)
        print(f"{static:9,.0f}  {INCLUDED.name}")
        for setup in (BEHIND_BASIC, FLAT, TEMPLATES):
            found = instructions(site, setup)
            print(f"{found:9,.0f}  {setup.name} (× {found / static:.2f})")
        functions = []
        token = instructions(site, CHALLENGED, functions)
        print(f"{token:9,.0f}  {CHALLENGED.name} (× {token / static:.2f})")
        for setup in (BCRYPT, SIGNED_IN):
            found = instructions(site, setup, session=session)
            print(f"{found:9,.0f}  {setup.name}")
        print()
        for row in functions[:int(sys.argv[1]) if sys.argv[1:] else 40]:
            print(f"{row[0]:9,.0f}  {row[2]}  {row[1]}")
    finally:
        site.remove()


if __name__ == "__main__":
    main()
