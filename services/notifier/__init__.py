"""The notifier owns who wants to know what, alerts, and what was sent to whom.

Writes to no topic (only to `….parked`); reads `placement.signals`, `placements`, `student.registrations`, `region.settings` and
`supervisor.availability`. Tables: contact, alert, notice, mail, dead_letter, handed_mail, those of webhooks, and the read models notifier_region, notifier_site, notifier_student.
"""
