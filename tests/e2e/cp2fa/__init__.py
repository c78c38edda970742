"""What the end-to-end tests of mod_cp2fa share, one idea a file."""
