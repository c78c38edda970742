"""Shapes that act: CGI, proxies, WebDAV, tunnels, caches, odd methods.

Here a leak needn't show in the answer: a backend that was reached or a
file that changed is one too.
"""
from .shape import GUARD, OPEN, SECRET, Shape, directory, guarded
from .wire import Request

BACKEND_MARKER = "bytes-of-the-backend"


def reached(world):
    """The application behind the proxy got a request."""
    return bool(world.backend.seen)


def exists(name):
    """A file that must not be made."""
    return lambda world: world.docs(name).exists()


def gone(name):
    """A file that must not go away."""
    return lambda world: not world.docs(name).exists()


def proxied(name, config, target="/@NAME@/page", **more):
    """A shape whose protected bytes are a backend's."""
    request = Request(target, **{
        key: more.pop(key) for key in ("method", "headers", "body")
        if key in more})
    return Shape(name, config, request=request, marker=BACKEND_MARKER,
                 effect=reached, **more)


PASS = 'ProxyPass "${BACKEND}/@NAME@/"'

PROXY = [
    proxied("proxypass", guarded("Require valid-user", PASS)),
    proxied("proxypass-require-all-granted",
            guarded("Require all granted", PASS)),
    proxied("proxypass-in-the-server",
            'ProxyPass "/@NAME@/" "${BACKEND}/"\n' + guarded()),
    proxied("proxypass-with-a-proxy-section",
            'ProxyPass "/@NAME@/" "${BACKEND}/@NAME@/"\n'
            '<Proxy "${BACKEND}/@NAME@/*">\n' + "\n".join(GUARD)
            + "\n</Proxy>"),
    proxied("sethandler-proxy", guarded(
        "Require valid-user", 'SetHandler "proxy:${BACKEND}/"')),
    proxied("rewrite-p", directory(
        "", *GUARD, "RewriteEngine On",
        'RewriteRule "^(.*)$" "${BACKEND}/$1" [P]'), files=SECRET),
    proxied("rewrite-p-require-all-granted", directory(
        "", GUARD[0], *OPEN, "RewriteEngine On",
        'RewriteRule "^(.*)$" "${BACKEND}/$1" [P]'), files=SECRET),
    proxied("rewrite-p-in-the-server",
            'RewriteEngine On\nRewriteRule "^/@NAME@/(.*)$" '
            '"${BACKEND}/$1" [P]\n' + guarded()),
    proxied("proxypass-post", guarded("Require valid-user", PASS),
            method="POST", body=b"a=b"),
    proxied("proxypass-put", guarded("Require valid-user", PASS),
            method="PUT", body=b"a=b"),
    proxied("proxypass-options", guarded("Require valid-user", PASS),
            method="OPTIONS"),
    proxied("proxypass-head", guarded("Require valid-user", PASS),
            method="HEAD"),
    proxied("proxypass-trace", guarded("Require valid-user", PASS),
            method="TRACE", headers={"Max-Forwards": "5"}),
    proxied("proxypass-unknown-method",
            guarded("Require valid-user", PASS), method="BREW"),
    proxied("proxypass-unknown-method-require-all-granted",
            guarded("Require all granted", PASS), method="BREW"),
    proxied("proxypass-lower-case-method",
            guarded("Require valid-user", PASS), method="get"),
    proxied("proxypass-method-override",
            guarded("Require valid-user", PASS), method="POST", body=b"a=b",
            headers={"X-HTTP-Method-Override": "GET"}),
    proxied("proxypass-websocket-upgrade", guarded(
        "Require valid-user", PASS + " upgrade=websocket"), headers={
            "Upgrade": "websocket", "Connection": "Upgrade, close",
            "Accept": "*/*", "Sec-Fetch-Mode": "websocket",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13"}, wires=("h1",)),
    proxied("proxypass-expect-100", guarded("Require valid-user", PASS),
            method="POST", body=b"a=b",
            headers={"Expect": "100-continue"}, wires=("h1",)),
    proxied("proxypass-encoded-slash", "AllowEncodedSlashes NoDecode\n"
            + guarded("Require valid-user", PASS + " nocanon"),
            target="/@NAME@/a%2fb"),
    proxied("proxypass-path-parameter", guarded("Require valid-user", PASS),
            target="/@NAME@/page;x=y"),
]

FORWARD_PROXY = """
Listen 127.0.0.1:${PROXY_PORT} https
<VirtualHost 127.0.0.1:${PROXY_PORT}>
ServerName localhost
Include conf/tls.conf
Protocols http/1.1
ProxyRequests On
AllowCONNECT ${BACKEND_PORT}
<Proxy "*">
%s
</Proxy>
</VirtualHost>
""" % "\n".join(GUARD)

TUNNEL = [
    Shape("forward-proxy", server=FORWARD_PROXY, marker=BACKEND_MARKER,
          effect=reached, wires=("h1",), request=Request(
              "http://127.0.0.1:${BACKEND_PORT}/@NAME@", to_proxy=True,
              port="PROXY_PORT")),
    Shape("forward-proxy-post", marker=BACKEND_MARKER, effect=reached,
          wires=("h1",), request=Request(
              "http://127.0.0.1:${BACKEND_PORT}/@NAME@", method="POST",
              body=b"a=b", to_proxy=True, port="PROXY_PORT")),
    Shape("connect", marker=BACKEND_MARKER, effect=reached, wires=("h1",),
          request=Request(
              "127.0.0.1:${BACKEND_PORT}", method="CONNECT", to_proxy=True,
              port="PROXY_PORT", then=b"GET /x HTTP/1.0\r\n\r\n")),
]

SCRIPT = """#!/bin/sh
touch "$CONTEXT_DOCUMENT_ROOT/@NAME@/ran"
cat >/dev/null
echo "Content-Type: text/plain"
echo
echo "@MARKER@"
"""
CGI = ("Options +ExecCGI", "AddHandler cgi-script .cgi")


def forget(*names):
    """Removes what a request may have made."""
    def prepare(world):
        for name in names:
            world.remove(name)
    return prepare


def cgi(name, *guard, **request):
    return Shape(name, directory("", *guard, *CGI),
                 files={"script.cgi": SCRIPT},
                 request=Request("/@NAME@/script.cgi", **request),
                 prepare=forget("ran"), effect=exists("ran"))


PROGRAM = [
    cgi("cgi", *GUARD),
    cgi("cgi-require-all-granted", GUARD[0], *OPEN),
    cgi("cgi-by-post", *GUARD, method="POST", body=b"a=b"),
    cgi("cgi-by-unknown-method", *GUARD, method="BREW"),
    Shape("cgi-local-redirect", "\n".join([
        directory("", *CGI), directory("/sub", *GUARD)]),
        files={"door.cgi": "#!/bin/sh\n"
               "echo 'Location: /@NAME@/sub/secret.txt'\necho\n",
               "sub/secret.txt": "@MARKER@"},
        request=Request("/@NAME@/door.cgi"), refused=(303, 401, 403)),
    Shape("action", "\n".join([
        directory("", "Action at-name /@NAME@/sub/script.cgi",
                  "AddHandler at-name .door"),
        directory("/sub", *GUARD, *CGI)]),
        files={"x.door": "x", "sub/script.cgi": SCRIPT},
        request=Request("/@NAME@/x.door"), prepare=forget("ran"),
        effect=exists("ran"), refused=(303, 401, 403)),
    Shape("server-status", guarded(
        "Require ip 127.0.0.1", "SetHandler server-status"),
        marker="Apache Server Status", files=SECRET),
]

DAV = ("Dav On", *GUARD)
HERE = "https://localhost:${PORT}/@NAME@"


def dav(name, method, target, effect=None, *, served, files=SECRET,
        made=(), config=None, **more):
    """A WebDAV request for /@NAME@/target."""
    def prepare(world):
        for path in made:
            world.remove(path)
        world.restore()
    request = Request(f"/@NAME@/{target}", method=method,
                      headers=more.pop("headers", {}),
                      body=more.pop("body", b""))
    return Shape(name, config or directory("", *DAV), files=files,
                 request=request, served=served, effect=effect,
                 prepare=prepare, **more)


WEBDAV = [
    dav("dav-propfind", "PROPFIND", "", served=207, headers={"Depth": "1"},
        files={"@MARKER@.txt": "x"}),
    dav("dav-propfind-require-all-granted", "PROPFIND", "", served=207,
        headers={"Depth": "1"}, files={"@MARKER@.txt": "x"},
        config=directory("", "Dav On", GUARD[0], *OPEN)),
    dav("dav-get", "GET", "secret.txt", served=200),
    dav("dav-put", "PUT", "new.txt", exists("new.txt"), served=201,
        body=b"x", made=["new.txt"]),
    dav("dav-put-limited", "PUT", "new.txt", exists("new.txt"), served=201,
        body=b"x", made=["new.txt"], config=directory(
            "", "Dav On", GUARD[0], "<LimitExcept GET PUT>",
            "Require valid-user", "</LimitExcept>")),
    dav("dav-mkcol", "MKCOL", "new", exists("new"), served=201,
        made=["new"]),
    dav("dav-delete", "DELETE", "secret.txt", gone("secret.txt"),
        served=204),
    dav("dav-move", "MOVE", "secret.txt", gone("secret.txt"), served=201,
        headers={"Destination": HERE + "/moved.txt"}, made=["moved.txt"]),
    dav("dav-copy", "COPY", "secret.txt", exists("copy.txt"), served=201,
        headers={"Destination": HERE + "/copy.txt"}, made=["copy.txt"]),
    dav("dav-copy-into-the-guard", "COPY", "open.txt",
        exists("sub/copy.txt"), served=201,
        headers={"Destination": HERE + "/sub/copy.txt"},
        made=["sub/copy.txt"], files={"open.txt": "x", "sub/x": ""},
        config=directory("", "Dav On") + "\n" + directory("/sub", *DAV),
        refused=(303, 401, 403, 502)),
    dav("dav-copy-out-of-the-guard", "COPY", "sub/secret.txt",
        exists("copy.txt"), served=201,
        headers={"Destination": HERE + "/copy.txt"}, made=["copy.txt"],
        files={"sub/secret.txt": "@MARKER@"},
        config=directory("", "Dav On") + "\n" + directory("/sub", *DAV)),
    dav("dav-proppatch", "PROPPATCH", "secret.txt", served=207,
        marker="HTTP/1.1 200 OK</D:status>", headers={
            "Content-Type": "application/xml"},
        body=b'<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:">'
             b'<D:set><D:prop><n xmlns="urn:x">v</n></D:prop></D:set>'
             b"</D:propertyupdate>"),
    dav("dav-lock", "LOCK", "secret.txt", served=200,
        marker="opaquelocktoken:", headers={
            "Content-Type": "application/xml", "Timeout": "Second-1"},
        body=b'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:">'
             b"<D:lockscope><D:shared/></D:lockscope>"
             b"<D:locktype><D:write/></D:locktype></D:lockinfo>"),
]


def warm(world):
    """Someone with both factors asked for it just now."""
    world.send("both")


FORM = ("AuthType Form", 'AuthName "matrix"', "AuthFormProvider file",
        "AuthUserFile conf/users", "AuthFormDisableNoStore On",
        "Session On", "SessionCookieName form path=/",
        "Include conf/two-factor.conf")
CACHED = 'CacheEnable socache "/@NAME@/"'
CACHEABLE = "Header set Cache-Control public,max-age=600"
BY_FORM = Request("/@NAME@/secret.txt", by_form=True)

CACHE = [
    Shape("auth-form", directory("", *FORM, "Require valid-user"),
          files=SECRET, request=BY_FORM, refused=(303, 401, 403),
          challenges=False),
    Shape("mod-cache-quick-handler", CACHED + "\n" + directory(
        "", *FORM, "Require valid-user", CACHEABLE), files=SECRET,
        request=BY_FORM, prepare=warm, leaks_to="nothing",
        refused=(303, 401, 403), challenges=False,
        why="a quick handler answers before any auth hook, where the first "
            "factor isn't an Authorization field"),
    Shape("mod-cache-require-all-granted",
          CACHED + "\n" + guarded("Require all granted", CACHEABLE),
          files=SECRET, prepare=warm, leaks_to="nothing"),
]

SHAPES = PROXY + TUNNEL + PROGRAM + WEBDAV + CACHE
