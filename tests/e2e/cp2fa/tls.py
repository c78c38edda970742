"""A certificate for localhost, made once, trusted by these tests alone."""
import subprocess


class Certificate:
    """A self-signed EC certificate for localhost and its subdomains."""

    def __init__(self, folder):
        self.path = folder / "localhost.crt"
        self.key = folder / "localhost.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec",
             "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,DNS:*.localhost",
             "-keyout", self.key, "-out", self.path],
            check=True, capture_output=True)
