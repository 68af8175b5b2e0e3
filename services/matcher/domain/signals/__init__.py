"""What people must know of a plan and its region: rules that find it, and the life of each signal until it is over."""
