"""The doors of intake: HTTP and the stream."""
