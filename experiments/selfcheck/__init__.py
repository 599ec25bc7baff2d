"""Whether the instrument finds what was planted: see `selfcheck.run`."""
