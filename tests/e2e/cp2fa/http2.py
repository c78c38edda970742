"""One request over HTTP/2, by curl told to leave it as it is."""
import subprocess

from .wire import TIMEOUT, parse

# curl 7.88 at times loses an answer that comes before it sent the body
TRIES = 3


def send(request, port):
    """Sends it over HTTP/2 on a connection of its own."""
    command = [
        "curl", "--silent", "--show-error", "--insecure", "--http2",
        "--path-as-is", "--include", "--max-time", str(TIMEOUT),
        "--resolve", f"{request.host}:{port}:127.0.0.1",
        "--request-target", request.target]
    command += ["--head"] if request.method == "HEAD" \
        else ["--request", request.method]
    if request.body:
        command += ["--data-binary", "@-"]
        if "Content-Type" not in request.headers:
            command += ["--header", "Content-Type:"]
    for name, value in request.fields().items():
        if name != "Content-Length":
            command += ["--header", f"{name}: {value}"]
    command.append(f"https://{request.host}:{port}/")
    for _ in range(TRIES):
        done = subprocess.run(command, input=request.body,
                              capture_output=True, timeout=TIMEOUT + 5)
        if done.stdout.startswith(b"HTTP/2 "):
            return parse(done.stdout)
    raise AssertionError(f"no answer over HTTP/2: {done.stderr}")
