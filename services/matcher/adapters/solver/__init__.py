"""Makes plans: greedy completion, neighbourhoods, and OR-Tools CP-SAT on the exact rules."""
