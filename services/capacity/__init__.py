"""Capacity owns regions, sites, workplaces, supervisors, their availability, and the school's decisions on placements.

Writes to `supervisor.availability` and `region.settings`; reads `placements` (who guides whom now). Tables: region, site,
workplace, supervisor, supervisor_site, person_key, placement, offer, guidance,
school_decision, kept_version, plan_news, site_check. Also the portal and the daily tick.
"""
