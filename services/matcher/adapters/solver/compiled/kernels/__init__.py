"""Compiled code on two flat arrays of facts and two of state. Imported when a solve begins, through `loading`."""
