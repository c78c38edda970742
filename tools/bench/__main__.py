# SPDX-License-Identifier: Apache-2.0
"""`make bench`: what a guarded request costs, beside what else there is.

Prints Markdown for docs/performance.md: instructions of a request by callgrind
first, then requests a second, as medians of interleaved rounds.
"""
import os
import platform
import statistics
import sys
import time

from count import Counter, count
from server import Site
from services import ALL
from setups import COOKIE, CRYPTO, OURS, PLACED
from signin import sessions_of, write_sessions
from throughput import CLIENTS, requests_a_second

ROUNDS = int(os.environ.get("ROUNDS") or 10)
SECONDS = 2
FEW, MANY = 10, 10000
TURNS = 350


def say(words):
    print(words, file=sys.stderr, flush=True)


def throughput(site, sessions):
    """Requests a second of each round, by set-up: a list each."""
    found = {setup: [] for setup in ALL}
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}")
        for setup in ALL:
            found[setup].append(requests_a_second(
                site, setup, sessions.get(setup.cookie), SECONDS))
    return found


def against(base, rates):
    """The median of the ratios, round by round: a busy minute hits both."""
    return statistics.median(a / b for a, b in zip(rates, base))


def live_sessions(site, count_of):
    """Instructions of a request with so many live sessions in the cache. Those
    that came last take turns: once a minute each session is noted, and that
    must not be in it."""
    cookies = write_sessions(site, count_of)
    with Counter(site, OURS, cookies[0]) as counter:
        for cookie in cookies + cookies[-TURNS:]:
            counter.client.ask(cookie=cookie)
        return counter.per_request(cookies[-TURNS:])[0]


def machine():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info
                      if line.startswith("model name")), platform.machine())
    return (f"{model}, {os.cpu_count()} cores, load "
            f"{os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")


def main():
    site = Site()
    try:
        sessions = sessions_of(site, ALL)
        cost = {}
        for setup in ALL:
            say(f"counting: {setup.name}")
            cost[setup] = count(site, setup, sessions.get(setup.cookie))
        rates = throughput(site, sessions)
        turns = []
        for number in (FEW, MANY):
            say(f"counting: {number} live sessions")
            turns.append(live_sessions(site, number))
    finally:
        site.remove()
    bare = cost[ALL[0]]
    print(f"On {machine()}; {ROUNDS} rounds of {SECONDS} s, {CLIENTS} "
          "clients, keep-alive:\n")
    print("| guard | instructions | × bare | requests/s | × bare |")
    print("|---|---|---|---|---|")
    for setup in ALL:
        print(f"| {setup.name} | {cost[setup]:,.0f} | {cost[setup] / bare:,.2f}"
              f" | {statistics.median(rates[setup]):,.0f} | "
              f"{against(rates[ALL[0]], rates[setup]):.3g} |")
    print(f"\nAuthType TwoFactor adds {cost[OURS] - cost[COOKIE]:,.0f} "
          "instructions to bare httpd with a cookie, of which httpd's own "
          "modules and merge of a section are "
          f"{cost[PLACED] - cost[COOKIE]:,.0f}; throughput "
          f"{against(rates[COOKIE], rates[OURS]):.2f} of it, "
          f"{against(rates[CRYPTO], rates[OURS]):.0f} times that of form, "
          "mod_session_crypto.")
    print(f"\nSessions that take turns on one connection: {turns[0]:,.0f} "
          f"instructions with {FEW} live, {turns[1]:,.0f} with {MANY:,} "
          f"(× {turns[1] / turns[0]:.2f}).")


main()
