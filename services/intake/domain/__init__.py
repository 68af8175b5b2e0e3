"""What intake decides; pure functions, no I/O, no clock."""
