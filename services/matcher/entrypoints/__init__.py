"""The doors of the matcher: its stream, its answers over HTTP and its commands."""
