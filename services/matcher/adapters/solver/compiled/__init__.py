"""The region as flat arrays, and searches on them that run as compiled code."""
