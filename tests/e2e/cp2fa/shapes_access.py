"""Shapes of who-may-what: Require, Satisfy, Limit, sections, methods."""
from .shape import GUARD, OPEN, SECRET, Shape, directory, guarded
from .wire import Request

REQUIRE = [
    Shape("require-valid-user", guarded(), files=SECRET),
    Shape("require-user", guarded("Require user alice"), files=SECRET,
          refused=(303, 401, 403),
          why="authz itself refuses bob"),
    Shape("require-all-granted", guarded("Require all granted"),
          files=SECRET),
    Shape("require-ip", guarded("Require ip 127.0.0.1"), files=SECRET),
    Shape("require-any", guarded(
        "<RequireAny>\nRequire ip 127.0.0.1\nRequire valid-user\n"
        "</RequireAny>"), files=SECRET),
    Shape("require-all", guarded(
        "<RequireAll>\nRequire ip 127.0.0.1\nRequire valid-user\n"
        "</RequireAll>"), files=SECRET),
    Shape("require-not", guarded(
        "<RequireAll>\nRequire all granted\nRequire not ip 192.0.2.1\n"
        "</RequireAll>"), files=SECRET),
    Shape("require-expr", guarded("Require expr true"), files=SECRET),
    Shape("require-env", guarded(
        "Require env LET_ME_IN", "SetEnvIf Host . LET_ME_IN"), files=SECRET),
    Shape("require-method", guarded("Require method GET"), files=SECRET),
    Shape("authmerging-off-in-a-subdirectory", "\n".join([
        directory("", *GUARD),
        directory("/sub", "AuthMerging Off", "Require all granted")]),
        files={"sub/secret.txt": "@MARKER@"},
        request=Request("/@NAME@/sub/secret.txt")),
    Shape("authmerging-or-in-a-subdirectory", "\n".join([
        directory("", *GUARD),
        directory("/sub", "AuthMerging Or", "Require ip 127.0.0.1")]),
        files={"sub/secret.txt": "@MARKER@"},
        request=Request("/@NAME@/sub/secret.txt")),
    Shape("authtype-none-in-a-subdirectory", "\n".join([
        directory("", *GUARD),
        directory("/sub", "AuthType None", "AuthMerging Off",
                  "Require all granted")]),
        files={"sub/secret.txt": "@MARKER@"},
        request=Request("/@NAME@/sub/secret.txt"),
        served=None, refused=(401, 403, 500), leaks_to="nothing",
        why="no first factor can be proven, so it stays closed"),
]

SATISFY = [
    Shape("satisfy-any-by-address", guarded(
        "Require valid-user", "Satisfy Any", "Order allow,deny",
        "Allow from all"), files=SECRET, served=None, refused=(403,),
        leaks_to="nothing",
        why="the core lets the address pass and asks for no user: no "
            "witness, fail closed (architecture.md, fact 3)"),
    Shape("satisfy-any-by-user", guarded(
        "Require valid-user", "Satisfy Any", "Order deny,allow",
        "Deny from all"), files=SECRET),
    Shape("satisfy-all", guarded(
        "Require valid-user", "Satisfy All", "Order allow,deny",
        "Allow from all"), files=SECRET),
    Shape("allow-from-all-and-require-all-granted", guarded(
        "Require all granted", "Order allow,deny", "Allow from all"),
        files=SECRET),
]

LIMIT = [
    Shape("limit-get", guarded(
        "<Limit GET POST>\nRequire valid-user\n</Limit>"), files=SECRET),
    Shape("limit-post-only", guarded(
        "<Limit POST>\nRequire valid-user\n</Limit>"), files=SECRET,
        why="no Require speaks of GET, so the core asks for no user"),
    Shape("limit-put-asked-by-head", guarded(
        "<Limit PUT>\nRequire valid-user\n</Limit>"),
        files={"secret.txt": "x" * 48611}, marker="content-length: 48611",
        request=Request("/@NAME@/secret.txt", method="HEAD")),
    Shape("limitexcept-get", guarded(
        "<LimitExcept GET>\nRequire valid-user\n</LimitExcept>"),
        files=SECRET),
]

SECTIONS = [
    Shape("directory-section", directory("", *GUARD), files=SECRET),
    Shape("files-section", directory(
        "", '<Files "secret.txt">', *GUARD, "</Files>"), files=SECRET),
    Shape("filesmatch-section", directory(
        "", '<FilesMatch "^secret">', *GUARD, "</FilesMatch>"),
        files=SECRET),
    Shape("locationmatch-section",
          '<LocationMatch "^/@NAME@/.*">\n' + "\n".join(GUARD)
          + "\n</LocationMatch>", files=SECRET),
    Shape("if-section", directory(
        "", '<If "%{REQUEST_URI} =~ /secret/">', *GUARD, "</If>"),
        files=SECRET),
    Shape("location-over-an-open-directory",
          directory("", *OPEN) + "\n" + guarded(), files=SECRET),
    Shape("directory-under-an-open-location",
          directory("", *GUARD)
          + '\n<Location "/@NAME@/">\nRequire all granted\n</Location>',
          files=SECRET),
    Shape("alias-of-a-guarded-directory",
          'Alias "/@NAME@-door" "${DOCS}/@NAME@"\n' + directory("", *GUARD),
          files=SECRET, request=Request("/@NAME@-door/secret.txt")),
    Shape("location-of-an-alias",
          'Alias "/@NAME@" "${DOCS}/@NAME@-elsewhere"\n' + guarded(),
          files={"../@NAME@-elsewhere/secret.txt": "@MARKER@"}),
]

OVERRIDDEN = directory("", *GUARD, "AllowOverride All")

HTACCESS = [
    Shape("htaccess-require-all-granted", OVERRIDDEN, files={
        ".htaccess": "Require all granted", **SECRET}),
    Shape("htaccess-satisfy-any", OVERRIDDEN, files={
        ".htaccess": "Satisfy Any\nOrder allow,deny\nAllow from all",
        **SECRET}, served=None, refused=(403,), leaks_to="nothing",
        why="as satisfy-any-by-address"),
    Shape("htaccess-files-require-all-granted", OVERRIDDEN, files={
        ".htaccess": '<Files "secret.txt">\nAuthMerging Off\n'
                     "Require all granted\n</Files>", **SECRET}),
    Shape("htaccess-switching-it-off", OVERRIDDEN, files={
        ".htaccess": "<IfModule cp2fa_module>\nTwoFactor off\n"
                     "</IfModule>", **SECRET}, served=None, refused=(500,),
        why="no directive of the module is for .htaccess"),
]

VHOST = """
<VirtualHost 127.0.0.1:${PORT}>
ServerName %s
Include conf/tls.conf
%s
</VirtualHost>
"""

WHOLE_VHOST = """
Include conf/two-factor.conf
<Location "/">
AuthType Basic
AuthName "matrix"
AuthBasicProvider file
AuthUserFile conf/users
Require valid-user
</Location>
<Location "/@NAME@/public/">
<IfModule cp2fa_module>
TwoFactor off
</IfModule>
Require all granted
</Location>
"""

VHOSTS = [
    Shape("whole-vhost-at-server-level", server=VHOST % (
        "whole.localhost", WHOLE_VHOST), files=SECRET,
        request=Request("/@NAME@/secret.txt", host="whole.localhost")),
    Shape("whole-vhost-beside-an-exemption", server=VHOST % (
        "exempt.localhost", WHOLE_VHOST),
        files={"secret.txt": "@MARKER@", "public/hello.txt": "hello"},
        request=Request("/@NAME@/public/../secret.txt",
                        host="exempt.localhost")),
]

ASKED = [
    Shape("head", guarded(), files={"secret.txt": "x" * 48613},
          marker="content-length: 48613",
          request=Request("/@NAME@/secret.txt", method="HEAD")),
    Shape("range", guarded(), files=SECRET, served=206,
          request=Request("/@NAME@/secret.txt",
                          headers={"Range": "bytes=0-99"})),
    Shape("conditional", guarded(), files=SECRET, served=304,
          marker=" 304",
          request=Request("/@NAME@/secret.txt",
                          headers={"If-None-Match": "*"}),
          why="a 304 tells that the file is there"),
    Shape("options", guarded(), files=SECRET, marker="allow:",
          request=Request("/@NAME@/secret.txt", method="OPTIONS")),
    Shape("post-to-a-file", guarded(), files=SECRET, served=200,
          request=Request("/@NAME@/secret.txt", method="POST", body=b"a=b")),
    Shape("json-client", guarded(), files=SECRET,
          request=Request("/@NAME@/secret.txt",
                          headers={"Accept": "application/json"})),
    Shape("xmlhttprequest", guarded(), files=SECRET, request=Request(
        "/@NAME@/secret.txt",
        headers={"X-Requested-With": "XMLHttpRequest"})),
    Shape("http-1.0", guarded(), files=SECRET, wires=("h1",),
          request=Request("/@NAME@/secret.txt", version="1.0")),
    Shape("absolute-uri", guarded(), files=SECRET, wires=("h1",),
          request=Request("https://localhost/@NAME@/secret.txt")),
]

SHAPES = (REQUIRE + SATISFY + LIMIT + SECTIONS + HTACCESS + VHOSTS
          + ASKED)
