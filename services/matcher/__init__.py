"""The matcher owns the plan of each region, its certificate and its explanations.

Reads `student.registrations`, `supervisor.availability` and `region.settings` as one stream; writes to `placements` and
`placement.signals`. Tables: fact, place, switch, signal, region_plan, plan_version, capacity_snapshot; its answers keep scenario and scenario_step.
"""
