"""What the notifier decides: alerts, whom to tell, in which words, and whether to try again. Pure functions, no I/O, no clock."""
