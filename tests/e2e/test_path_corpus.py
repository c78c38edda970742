"""HTTP-04: no spelling of a path and no method gets around the gate.

The whole virtual host is proxied and guarded, so whatever slips through
reaches the backend, which counts.
"""
import tempfile
from pathlib import Path

import pytest

from cp2fa.site import COLUMN, Site
from cp2fa.shape import Shape
from cp2fa.wire import Request

CORPUS_SITE = Shape("corpus", """
AllowEncodedSlashes NoDecode
TraceEnable on
ProxyPass "/" "${BACKEND}/" nocanon upgrade=websocket
<Location "/">
Include conf/guard.conf
Require valid-user
</Location>
""")

SPELLINGS = """
/ /app /app/ /app/page /app/page?query /app/page? /app/page??x
//app ///app /app//page //app//page /./app /app/./page /app/page/.
/app/../app/page /app/x/../page /x/../app /../app /../../app
/app/%2e/page /app/%2E%2E/app/page /%2e%2e/app /app/x/%2e%2e/page
/app/.%2e/page /app/%252e%252e/page /app/..%2fpage /app%2fpage /%2fapp
/app%2Fpage /app%5cpage /app\\page /app/..\\page /app;x /app;x/page
/app/page;jsessionid=1 /app/page;.css /app/page.css /app/page%00 /app/%00
/app/page%0a /app/page%0d%0ax /app/page%20 /app/page%09 /app/page. /app/%70age
/%61pp/page /App/page /APP/PAGE /app/PAGE /aPP/page /app/page/extra
/app/page/index.html /app/page%3fx /app/page%23x /app/page#x /app/%u0061
/app/%c0%ae%c0%ae/page /app/%e2%80%ae/page /app/%ff /app/~page /app/page~
/app/page.bak /app/page%2ecss /app/*/page /* /app/page/*
/2fa/../app /2fa/%2e%2e/app /2fa/token/../../app /2fa/./../app/page
/2fa;/app /2fa;x/../app /2fa%2f..%2fapp /2fa/..;/app /2FA/../app /2FA/token
/2fa//../app /2fa/style.css/../../app /2fa/..%2fapp /%32fa/../app
/.2fa /2fa.css /2faapp /x/2fa/token /icons/../app /error/../app
/server-status /app/?return=/2fa/token /app?/2fa/token /robots.txt
/favicon.ico /.well-known/x /.well-known/../app /health /%68ealth
""".split()

METHODS = """HEAD POST PUT DELETE PATCH OPTIONS TRACE PROPFIND REPORT MKCOL
LOCK BREW get Get SEARCH M-SEARCH PURGE VERSION-CONTROL""".split()
# each method with a few spellings of each kind
METHOD_TARGETS = ["/", "/app/page", "//app", "/app/../app/page",
                  "/2fa/../app", "/2fa;/app"]

FIELDS = {
    "as another URL": {"X-Original-URL": "/2fa/token",
                       "X-Rewrite-URL": "/2fa/token"},
    "as another method": {"X-HTTP-Method-Override": "GET",
                          "X-HTTP-Method": "GET"},
    "as from inside": {"X-Forwarded-For": "127.0.0.1",
                       "X-Real-IP": "127.0.0.1", "Client-IP": "127.0.0.1"},
    "as someone": {"X-Remote-User": "alice", "Remote-User": "alice",
                   "X-Forwarded-User": "alice", "CP2FA-USER": "alice",
                   "CP2FA_USER": "alice", "REMOTE_USER": "alice"},
    "as a websocket": {"Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                       "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                       "Connection": "Upgrade, close"},
    "as h2c": {"Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__",
               "Connection": "Upgrade, HTTP2-Settings, close"},
    "as a prefetch": {"Purpose": "prefetch", "Sec-Purpose": "prefetch"},
    "in parts": {"Range": "bytes=0-"},
    "as known": {"If-None-Match": "*"},
    "without host": {"Accept": None, "User-Agent": None},
    "with an empty token": {"TwoFactor-Token": ""},
    "with a wrong-looking token": {"TwoFactor-Token": "x" * 300},
    "with an empty cookie": {"Cookie": "__Host-cp2fa="},
    "with a bare cookie": {"Cookie": "__Host-cp2fa"},
    "with many cookies": {"Cookie": "; ".join(
        f"__Host-cp2fa={n:064x}" for n in range(50))},
    "with the cookie in small letters": {"Cookie": "__host-cp2fa=1"},
}

CORPUS = (
    [Request(target) for target in SPELLINGS]
    + [Request(target, version="1.0") for target in SPELLINGS[::3]]
    + [Request(target, method="POST", body=b"a=b")
       for target in SPELLINGS[::3]]
    + [Request(target, method=method)
       for method in METHODS for target in METHOD_TARGETS]
    + [Request("/app/page", headers=fields) for fields in FIELDS.values()]
    + [Request("https://localhost:${PORT}/app/page"),
       Request("http://localhost/app/page"),
       Request("https://evil.example/app/page"),
       Request("/app/page", host="evil.example"),
       Request("*", method="OPTIONS"), Request("app/page")])
# not "..": these are addresses among the module's own pages, where
# nothing is found
OF_THE_PAGES = {"/2fa/..;/app", "/2fa/..%2fapp"}
WITHOUT_BOTH = ["nothing", "wrong password", "first factor only",
                "forged cookie", "cookie only"]


@pytest.fixture(scope="module")
def make_site(workshop, certificate):
    made = []

    def make(guarded):
        root = Path(tempfile.mkdtemp(prefix="corpus-", dir=workshop))
        site = Site(root, certificate, [CORPUS_SITE], mpm="event",
                    guarded=guarded)
        made.append(site)
        return site.start()

    yield make
    for site in made:
        site.stop()


@pytest.fixture(scope="module")
def guarded_site(make_site, module):
    return make_site(guarded=True)


@pytest.fixture(scope="module")
def reached_unguarded(make_site):
    """Which lines of the corpus reach the backend with the guard off."""
    site = make_site(guarded=False)
    return {n for n, request in enumerate(CORPUS)
            if reaches(site, request, "first factor only")}


def reaches(site, request, column):
    site.backend.seen.clear()
    answer = site.send(request, COLUMN[column])
    assert not (answer.has(site.backend.marker) and not site.backend.seen)
    return bool(site.backend.seen)


def test_most_of_the_corpus_reaches_the_backend_when_the_guard_is_off(
        reached_unguarded):
    """HTTP-04: else the corpus would prove nothing."""
    assert len(CORPUS) >= 200
    missed = [CORPUS[n] for n in range(len(CORPUS))
              if n not in reached_unguarded]
    assert len(missed) < len(CORPUS) / 5, missed


@pytest.mark.parametrize("column", WITHOUT_BOTH)
def test_nothing_of_the_corpus_reaches_the_backend_without_both(
        guarded_site, column):
    """HTTP-04."""
    through = [request for request in CORPUS
               if reaches(guarded_site, request, column)]
    assert through == []


def test_all_of_it_that_is_served_unguarded_is_served_with_both(
        guarded_site, reached_unguarded):
    """HTTP-04: the gate shuts nothing that is none of its business."""
    for n, request in enumerate(CORPUS):
        # two cookies of one name may be refused (SES-09)
        if "Cookie" not in request.headers \
                and request.target not in OF_THE_PAGES:
            assert reaches(guarded_site, request, "both") == (
                n in reached_unguarded), request


def test_the_corpus_makes_no_error(guarded_site):
    """House style, rule 35: no 5xx's reason, no crash in the log."""
    assert guarded_site.httpd.log.errors() == []
