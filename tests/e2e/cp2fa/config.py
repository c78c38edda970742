"""The text of a test server's httpd.conf, from modules to virtual host."""

MODULES_DIR = "/usr/lib/apache2/modules"

MODULES = """
    alias authn_core authn_file authz_core authz_host authz_user auth_basic
    access_compat dir mime negotiation autoindex include rewrite headers env
    setenvif actions status speling socache_shmcb ssl http2 proxy proxy_http
    proxy_connect dav dav_fs cache cache_socache session session_cookie
    request auth_form remoteip
""".split()

# small, so that a server starts at once; enough for a browser's connections
MPMS = {
    "event": "StartServers 1\nServerLimit 2\nThreadsPerChild 16\n"
             "MaxRequestWorkers 32\nMinSpareThreads 1\nMaxSpareThreads 32",
    "worker": "StartServers 1\nServerLimit 2\nThreadsPerChild 16\n"
              "MaxRequestWorkers 32\nMinSpareThreads 1\nMaxSpareThreads 32",
    "prefork": "StartServers 4\nServerLimit 8\nMaxRequestWorkers 8\n"
               "MinSpareServers 1\nMaxSpareServers 8",
}

MIME_TYPES = """\
text/html html shtml
text/css css
text/plain txt
image/svg+xml svg
"""

BASE = """\
ServerRoot "{root}"
ServerName localhost
DefaultRuntimeDir run
PidFile run/httpd.pid
{modules}
<IfModule unixd_module>
{identity}
</IfModule>
{mpm}
{defines}
Listen 127.0.0.1:${{PORT}} https
ErrorLog logs/error.log
LogLevel {loglevel}
LogFormat "%h %u \\"%r\\" %>s" short
CustomLog logs/access.log short
TypesConfig conf/mime.types
SSLSessionCache none
SSLRandomSeed startup builtin
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory "${{DOCS}}">
    Require all granted
</Directory>
"""

GUARD = """\
Include "{conf}"
# where the module is younger than the directive
<IfDirective TwoFactorMail>
    TwoFactorMail "file:{root}/mail"
</IfDirective>
<IfDirective TwoFactorMailFrom>
    TwoFactorMailFrom two-factor@localhost
</IfDirective>
"""

# conf/tls.conf: what each virtual host on ${PORT} says of itself
TLS = """\
SSLEngine on
SSLCertificateFile "{certificate}"
SSLCertificateKeyFile "{key}"
Protocols h2 http/1.1
DocumentRoot "${{DOCS}}"
"""

VHOST = """\
<VirtualHost 127.0.0.1:${{PORT}}>
ServerName localhost
Include conf/tls.conf
{config}
</VirtualHost>
"""


def load_modules(mpm):
    """The LoadModule lines; only the threaded MPMs need the CGI daemon."""
    cgi = "cgi" if mpm == "prefork" else "cgid"
    lines = [f"LoadModule {name}_module {MODULES_DIR}/mod_{name}.so"
             for name in [f"mpm_{mpm}", *MODULES, cgi]]
    if cgi == "cgid":
        lines.append("ScriptSock cgid.sock")
    return "\n".join(lines)


def define_lines(defines):
    return "\n".join(f'Define {name} "{value}"'
                     for name, value in defines.items())
