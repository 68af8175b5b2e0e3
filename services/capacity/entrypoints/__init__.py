"""The doors of capacity: HTTP, the school portal, the stream and the clock."""
