# SPDX-License-Identifier: Apache-2.0
"""What some set-ups have beside httpd: each is started when it is first
needed, and ends with the site."""
import subprocess
from dataclasses import replace

from idp import Provider, log_in
from llng import LEMON
from scale_fill import PostgreSQL
from server import free_port, wait_for
from setups import (BARE, BCRYPT, BEHIND, COOKIE, CRYPTO, LOADED,
                    OURS, PLACE, PLACED, PLAIN, REUSE, SHA, Setup)


class Redis:
    """Debian's redis-server on a port of its own; it writes nothing."""

    def __init__(self, site):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", "redis-server",
             "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
             "--appendonly", "no", "--dir", str(site.root)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def postgresql(site):
    return site.service("PostgreSQL",
                        lambda: PostgreSQL(site.root, 0)).config


def redis(site):
    port = site.service("Redis", lambda: Redis(site)).port
    return f"TwoFactorSessionCache redis:127.0.0.1:{port}\n"


def openidc(site):
    return site.service("OpenID", lambda: Provider(site)).config


OPENIDC = Setup("mod_auth_openidc, its sessions in shared memory",
                PLACE.format(lines="""\
    AuthType openid-connect
    Require valid-user"""), cookie="entered",
                modules=("authn_core", "authz_user", "auth_openidc"),
                service=openidc, enter=log_in)
ON_POSTGRESQL = replace(OURS, name="**the same, PostgreSQL**",
                        cookie="session in PostgreSQL", service=postgresql)
IN_REDIS = replace(OURS, name="**the same, its sessions in Redis**",
                   modules=("socache_redis",), service=redis)
ALL = (BARE, COOKIE, LOADED, PLACED, SHA, OURS, ON_POSTGRESQL, IN_REDIS,
       BEHIND, REUSE, PLAIN, OPENIDC, LEMON, CRYPTO, BCRYPT)
