"""The pages of the notifier: what was sent and why, and what reaches nobody."""
