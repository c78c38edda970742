# SPDX-License-Identifier: Apache-2.0
"""LemonLDAP::NG's handler in httpd: mod_perl, under prefork, as its
documentation advises. The session is written into its store; there is no
portal, which a signed-in request never asks."""
import hashlib
import json
import os
import subprocess
import time

from server import USER
from setups import PLACE, Setup

COOKIE = "lemonldap"
INI = """\
[all]
logLevel = error
checkTime = 600
[configuration]
type = File
dirName = {folder}/conf
localStorage = Cache::FileCache
localStorageOptions = {{'namespace' => 'c', 'cache_root' => '{folder}/cache'}}
[handler]
status = 0
"""
HANDLER = """\
    AuthName "Console"
    PerlHeaderParserHandler Lemonldap::NG::Handler::ApacheMP2"""


class Store:
    """Its configuration and one session, in files."""

    def __init__(self, site):
        folder = site.root / "llng"
        for name in ("conf", "cache", "sessions", "sessions/lock"):
            (folder / name).mkdir(parents=True)
        self.ini = folder / "lemonldap-ng.ini"
        self.ini.write_text(INI.format(folder=folder))
        self._write(folder / "conf/lmConf-1.json", {
            "cfgNum": 1, "cfgDate": 1,
            "cookieName": COOKIE, "domain": "127.0.0.1",
            "portal": "http://127.0.0.1/portal/", "key": "bench",
            "whatToTrace": "_whatToTrace", "timeout": 72000,
            "globalStorage": "Apache::Session::File",
            "globalStorageOptions": {
                "Directory": f"{folder}/sessions",
                "LockDirectory": f"{folder}/sessions/lock"},
            "localSessionStorage": "Cache::FileCache",
            "localSessionStorageOptions": {
                "namespace": "sessions", "default_expires_in": 600,
                "cache_root": f"{folder}/cache", "cache_depth": 3},
            "locationRules": {"127.0.0.1": {"default": "accept"}},
            "exportedHeaders": {"127.0.0.1": {"Auth-User": "$uid"}},
            "macros": {}, "groups": {}, "exportedVars": {}})
        self.id = hashlib.sha256(os.urandom(16)).hexdigest()
        self._write(folder / "sessions" / self.id, {
            "_session_id": self.id, "_session_kind": "SSO",
            "_utime": int(time.time()), "_whatToTrace": USER, "uid": USER,
            "_user": USER, "authenticationLevel": 5, "ipAddr": "127.0.0.1"})
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "www-data:www-data", folder],
                           check=True)

    def _write(self, path, value):
        path.write_text(json.dumps(value))

    def stop(self):
        pass


def store_of(site):
    return site.service("LemonLDAP::NG", lambda: Store(site))


def service(site):
    return (f"<Perl>\n$ENV{{LLNG_DEFAULTCONFFILE}} = '{store_of(site).ini}';\n"
            "</Perl>\nPerlOptions +GlobalRequest\n"
            "PerlModule Lemonldap::NG::Handler::ApacheMP2\n")


def enter(site):
    return f"{COOKIE}={store_of(site).id}"


LEMON = Setup("LemonLDAP::NG's handler (mod_perl, prefork)",
              PLACE.format(lines=HANDLER), cookie="entered",
              modules=("authn_core", "perl"), slow=True, mpm="prefork",
              service=service, enter=enter)
