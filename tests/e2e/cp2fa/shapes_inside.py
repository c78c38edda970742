"""Shapes where httpd itself asks on: error pages, indexes, rewrites, SSI.

A request that starts in the open and ends inside, or starts inside one
guard and ends inside another: internal redirects and subrequests.
"""
from .shape import GUARD, OPEN, SECRET, Shape, directory, guarded
from .wire import Request

# the server's own answer stays; only the protected bytes must be missing
API = {"Accept": "application/json"}

ERROR_DOCUMENT = [
    Shape("errordocument-401-inside", guarded(
        "Require valid-user",
        "ErrorDocument 401 /@NAME@/sorry.txt"),
        files={"secret.txt": "@MARKER@", "sorry.txt": "@MARKER@"},
        leaks_to="wrong password",
        why="basic auth sets r->user before it checks the password, and "
            "the core skips auth where the configuration is the same"),
    Shape("errordocument-403-inside", guarded(
        "Require valid-user", "ErrorDocument 403 /@NAME@/sorry.txt"),
        files={"shut.txt": "x", "sorry.txt": "@MARKER@"},
        request=Request("/@NAME@/shut.txt", headers=API),
        prepare=lambda world: world.docs("shut.txt").chmod(0),
        served=403,
        why="the gate's own 403 leads to an error page inside the guard"),
    Shape("errordocument-403-from-outside", guarded()
          + '\n<Location "/@NAME@-door/">\nRequire all denied\n'
            "ErrorDocument 403 /@NAME@/secret.txt\n</Location>",
          files=SECRET, request=Request("/@NAME@-door/x"),
          served=403, refused=(403,)),
    Shape("errordocument-404-from-outside", guarded()
          + '\n<Location "/@NAME@-door/">\n'
            "ErrorDocument 404 /@NAME@/secret.txt\n</Location>",
          files=SECRET, request=Request("/@NAME@-door/x"),
          served=404, refused=(404,)),
    Shape("errordocument-404-inside", guarded(
        "Require valid-user", "ErrorDocument 404 /@NAME@/sorry.txt"),
        files={"sorry.txt": "@MARKER@"},
        request=Request("/@NAME@/missing.txt"), served=404),
    Shape("errordocument-404-inside-require-all-granted", guarded(
        "Require all granted", "ErrorDocument 404 /@NAME@/sorry.txt"),
        files={"sorry.txt": "@MARKER@"},
        request=Request("/@NAME@/missing.txt"), served=404),
    Shape("errordocument-404-from-one-guard-to-another", "\n".join([
        directory("", *GUARD, "ErrorDocument 404 /@NAME@/sub/sorry.txt"),
        directory("/sub", *GUARD, "SetEnv OTHER guard")]),
        files={"sub/sorry.txt": "@MARKER@"},
        request=Request("/@NAME@/missing.txt"), served=404,
        why="the second guard must find the session after the first one "
            "took the cookies away"),
]

INDEX = [
    Shape("multiviews", directory("", *GUARD, "Options +MultiViews"),
          files={"secret.html": "@MARKER@"},
          request=Request("/@NAME@/secret")),
    Shape("multiviews-to-a-guarded-file", directory(
        "", "Options +MultiViews", '<Files "secret.html">', *GUARD,
        "</Files>"), files={"secret.html": "@MARKER@"},
        request=Request("/@NAME@/secret"), refused=(303, 401, 403, 404)),
    Shape("directoryindex", directory(
        "", *GUARD, "DirectoryIndex front.html"),
        files={"front.html": "@MARKER@"}, request=Request("/@NAME@/")),
    Shape("directoryindex-of-a-guarded-file", directory(
        "", "DirectoryIndex front.html", '<Files "front.html">', *GUARD,
        "</Files>"), files={"front.html": "@MARKER@"},
        request=Request("/@NAME@/"), refused=(303, 401, 403)),
    Shape("directoryindex-elsewhere", "\n".join([
        directory("", "DirectoryIndex /@NAME@/sub/secret.txt"),
        directory("/sub", *GUARD)]),
        files={"x": "", "sub/secret.txt": "@MARKER@"},
        request=Request("/@NAME@/"), refused=(303, 401, 403)),
    Shape("autoindex", directory("", *GUARD, "Options +Indexes"),
          marker="listed-in-@NAME@", files={"@MARKER@.txt": "x"},
          request=Request("/@NAME@/")),
    Shape("autoindex-of-guarded-files", directory(
        "", "Options +Indexes", '<Files "listed-*">', *GUARD, "</Files>"),
        marker="listed-in-@NAME@", files={"@MARKER@.txt": "x"},
        request=Request("/@NAME@/"), refused=(200,)),
    Shape("autoindex-titles-of-guarded-files", directory(
        "", "Options +Indexes", "IndexOptions FancyIndexing ScanHTMLTitles "
        "ShowForbidden DescriptionWidth=*", '<Files "secret*">', *GUARD,
        "</Files>"),
        files={"secret.html": "<html><head><title>@MARKER@</title></head>"},
        request=Request("/@NAME@/"), refused=(200,)),
    Shape("directoryslash", directory("", *GUARD),
          files={"sub/x": ""}, marker="/@NAME@/sub/", served=301,
          request=Request("/@NAME@/sub")),
    Shape("speling", directory("", *GUARD, "CheckSpelling On"),
          files={"secret-plans.txt": "x"}, marker="secret-plans.txt",
          request=Request("/@NAME@/secret-plnas.txt"), served=301),
]

SHTML = ("Options +Includes", "AddOutputFilter INCLUDES .shtml")
PAGE = Request("/@NAME@/page.shtml")


def page_of(directives, *sections, **more):
    """An open page that includes from the guarded folder sub/."""
    return dict(config="\n".join([directory("", *SHTML), *sections]),
                files={"page.shtml": directives,
                       "sub/secret.txt": "@MARKER@", **more},
                request=PAGE, refused=(200,))


SSI = [
    Shape("ssi-include-virtual", **page_of(
        '<!--#include virtual="/@NAME@/sub/secret.txt" -->',
        directory("/sub", *GUARD))),
    Shape("ssi-include-file", **page_of(
        '<!--#include file="sub/secret.txt" -->',
        directory("/sub", *GUARD))),
    Shape("ssi-include-require-all-granted", **page_of(
        '<!--#include virtual="/@NAME@/sub/secret.txt" -->',
        directory("/sub", GUARD[0], *OPEN))),
    Shape("ssi-include-twice", **{**page_of(
        '<!--#include virtual="/@NAME@/sub/half.txt" -->'
        '<!--#include virtual="/@NAME@/sub/half.txt" -->',
        directory("/sub", *GUARD), **{"sub/half.txt": "half-of-it;"}),
        "marker": "half-of-it;half-of-it;"},
        why="the first include must not take away the second's cookie"),
    Shape("ssi-fsize", **{**page_of(
        '<!--#config sizefmt="bytes" -->'
        '<!--#fsize virtual="/@NAME@/sub/big.txt" -->',
        directory("/sub", *GUARD), **{"sub/big.txt": "x" * 48619}),
        "marker": "48,619"}),
    Shape("ssi-inside-includes-another-guard", "\n".join([
        directory("", *GUARD, *SHTML),
        directory("/sub", *GUARD, "SetEnv OTHER guard")]),
        files={"page.shtml":
               '<!--#include virtual="/@NAME@/sub/secret.txt" -->',
               "sub/secret.txt": "@MARKER@"}, request=PAGE),
    Shape("ssi-include-by-post", **{**page_of(
        '<!--#include virtual="/@NAME@/sub/secret.txt" -->',
        directory("/sub", *GUARD)),
        "request": Request("/@NAME@/page.shtml", method="POST",
                           body=b"a=b")}),
]

ON = "RewriteEngine On"
TO_SECRET = 'RewriteRule "^door$" "/@NAME@/sub/secret.txt"'

REWRITE = [
    Shape("rewrite-per-directory-into-the-guard", "\n".join([
        directory("", ON, TO_SECRET), directory("/sub", *GUARD)]),
        files={"sub/secret.txt": "@MARKER@"}, request=Request("/@NAME@/door"),
        refused=(303, 401, 403)),
    Shape("rewrite-per-directory-inside", directory(
        "", *GUARD, ON, 'RewriteRule "^door$" "/@NAME@/secret.txt"'),
        files=SECRET, request=Request("/@NAME@/door")),
    Shape("rewrite-per-directory-require-all-granted", directory(
        "", GUARD[0], *OPEN, ON,
        'RewriteRule "^door$" "/@NAME@/secret.txt"'),
        files=SECRET, request=Request("/@NAME@/door")),
    Shape("rewrite-from-one-guard-to-another", "\n".join([
        directory("", *GUARD, ON, TO_SECRET),
        directory("/sub", *GUARD, "SetEnv OTHER guard")]),
        files={"sub/secret.txt": "@MARKER@"},
        request=Request("/@NAME@/door")),
    Shape("rewrite-in-the-server", "\n".join([
        ON, 'RewriteRule "^/@NAME@-door$" "${DOCS}/@NAME@/secret.txt"',
        directory("", *GUARD)]), files=SECRET,
        request=Request("/@NAME@-door")),
    Shape("rewrite-passed-through", "\n".join([
        ON, 'RewriteRule "^/@NAME@-door$" "/@NAME@/secret.txt" [PT]',
        directory("", *GUARD)]), files=SECRET,
        request=Request("/@NAME@-door")),
    Shape("rewrite-to-a-redirect", directory(
        "", *GUARD, ON, 'RewriteRule "^door$" "/@MARKER@" [R=302,L]'),
        files=SECRET, served=302, request=Request("/@NAME@/door")),
    # (in a <Location> it comes before httpd's own auth, too)
    Shape("redirect-per-directory", directory(
        "", *GUARD, "Redirect /@NAME@/door /@MARKER@"),
        files=SECRET, served=302, request=Request("/@NAME@/door")),
    Shape("fallbackresource-inside", directory(
        "", *GUARD, "FallbackResource /@NAME@/front.txt"),
        files={"front.txt": "@MARKER@"}, request=Request("/@NAME@/any")),
    Shape("fallbackresource-into-the-guard", "\n".join([
        directory("", "FallbackResource /@NAME@/sub/secret.txt"),
        directory("/sub", *GUARD)]),
        files={"sub/secret.txt": "@MARKER@"}, request=Request("/@NAME@/any"),
        refused=(303, 401, 403, 404), challenges=False,
        why="mod_dir passes a 401 on without its field"),
]

SHAPES = ERROR_DOCUMENT + INDEX + SSI + REWRITE
