"""Capacity owns regions, sites, workplaces, supervisors, their availability, and the school's decisions on placements.

Writes to `supervisor.availability` and `region.settings`; reads `placements` (who guides whom now) and
`placement.signals` (passed on to webhooks). Tables: region, site,
workplace, supervisor, supervisor_site, person_key, placement, offer, guidance,
school_decision, kept_version, plan_news, site_check, site_signal, those of shared.webhooks; of people who sign in: account, account_position, web_session, sign_in_link,
access_mail, read_log. Also the portal, signing in to it, and the daily tick.
"""
