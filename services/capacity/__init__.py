"""Capacity owns regions, sites, workplaces, supervisors, their availability, and the school's decisions on placements.

Writes to `supervisor.availability` and `region.settings`; reads `placements` (who guides whom now). Tables: region, site,
workplace, supervisor, supervisor_site, person_key, placement, offer, guidance,
school_decision. Also the portal and the daily tick.
"""
