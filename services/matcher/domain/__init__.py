"""The matcher's domain: what a region is, what a plan may do, what it costs, and why somebody has no place."""
