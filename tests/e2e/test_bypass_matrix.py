"""The bypass matrix: shapes x credentials x MPMs and protocols.

No protected byte leaves without both factors, everything is served with
both. And since a matrix that can't fail is worth nothing: every shape is
seen to leak when the guard is off.
"""
import tempfile
from pathlib import Path

import pytest

from cp2fa import shapes_access, shapes_beyond, shapes_inside
from cp2fa.site import ALICE, BOB, COLUMN, COLUMNS, Site, World
from cp2fa.wire import Request

SHAPES = [shape.filled() for shape in
          shapes_access.SHAPES + shapes_inside.SHAPES + shapes_beyond.SHAPES]
WIRES = ["event-h1", "event-h2", "worker-h1", "prefork-h1"]
UNGUARDED = [
    Request("/whole-vhost-beside-an-exemption/public/hello.txt"),
    Request("/whole-vhost-beside-an-exemption/public/hello.txt",
            host="exempt.localhost")]
NAVIGATING = ("GET", "HEAD")


def wires_and_shapes():
    """Every shape on every wire that can carry it."""
    for wire in WIRES:
        for shape in SHAPES:
            if wire.split("-")[1] in shape.wires:
                yield pytest.param(wire, shape, id=f"{wire}-{shape.name}")


def cells():
    """Every shape on every wire with every credential."""
    for wire in WIRES:
        for shape in SHAPES:
            for column in COLUMNS:
                if wire.split("-")[1] in shape.wires:
                    yield pytest.param(wire, shape, column,
                                       id=f"{wire}-{shape.name}-{column}")


@pytest.fixture(scope="module")
def sites(workshop, certificate):
    """The servers, started when first asked for: one for each MPM."""
    running = {}

    def site(mpm, guarded):
        if (mpm, guarded) not in running:
            root = Path(tempfile.mkdtemp(prefix="matrix-", dir=workshop))
            new = Site(root, certificate, SHAPES, mpm=mpm, guarded=guarded)
            running[mpm, guarded] = new
            new.start()
        return running[mpm, guarded]

    yield site
    for started in running.values():
        started.stop()


def world_of(sites, wire, shape, guarded=True):
    mpm, protocol = wire.split("-")
    return World(sites(mpm, guarded), shape, protocol)


def is_navigation(request):
    """Fact 4: a browser's own GET or HEAD, which can follow a 303."""
    accept = request.fields().get("Accept", "")
    return (request.method in NAVIGATING and "text/html" in accept
            and not request.to_proxy
            and "X-Requested-With" not in request.headers)


def check_refusal(shape, column, answer):
    """The usual answer of someone who lacks a factor."""
    if column.basic not in (ALICE, BOB):
        expected = 407 if shape.request.to_proxy else 401
        assert answer.status == expected
    elif is_navigation(shape.request):
        assert answer.status == 303
        assert "/2fa/token?return=" in answer.header("Location")
    else:
        assert answer.status == 403
        assert answer.header("Content-Type") == "application/problem+json"
        if shape.request.method != "HEAD":
            assert b"token-required" in answer.body


def check_challenge(answer):
    """HTTP-02: who answers 401 says what for."""
    if answer.status in (401, 407):
        field = "WWW-Authenticate" if answer.status == 401 \
            else "Proxy-Authenticate"
        assert answer.header(field).startswith("Basic realm=")


@pytest.mark.parametrize("wire, shape", wires_and_shapes())
def test_every_shape_leaks_when_the_guard_is_off(sites, wire, shape):
    """The detector of each shape works, and its set-up serves at all."""
    world = world_of(sites, wire, shape, guarded=False)
    answer, leaked = world.ask(COLUMN[shape.leaks_to])
    assert leaked, answer
    if shape.served and shape.leaks_to == "first factor only":
        assert answer.status == shape.served, answer


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize("wire, shape, column", cells())
def test_no_protected_byte_without_both_and_everything_with_both(
        sites, wire, shape, column):
    """HTTP-01, HTTP-02, HTTP-04, SES-06."""
    world = world_of(sites, wire, shape)
    answer, leaked = world.ask(column)
    if column.name == "both" and shape.served:
        assert leaked, answer
        assert answer.status == shape.served, answer
        return
    assert not leaked, answer
    if shape.challenges:
        check_challenge(answer)
    if shape.refused:
        assert answer.status in shape.refused, answer
    else:
        check_refusal(shape, column, answer)


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_what_is_unguarded_is_served_to_everybody(sites, wire, column):
    """An exemption in a guarded virtual host, and a file in no guard."""
    mpm, protocol = wire.split("-")
    for request in UNGUARDED:
        answer = sites(mpm, True).send(request, column, protocol)
        assert (answer.status, answer.body) == (200, b"hello"), request


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_the_error_log_is_clean_after_the_whole_matrix(sites, mpm):
    """House style, rule 35; no child died of a shape either."""
    assert sites(mpm, True).httpd.log.errors() == []
