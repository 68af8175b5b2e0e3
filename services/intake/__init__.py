"""Intake owns students, their registrations, mismatch reports and the institute's decisions on placements.

It has the pages for institutes. Writes to `student.registrations`; reads `region.settings` (which regions and periods exist) and
`placements` (what became of each student, and other places offered), `placement.signals` (passed on to webhooks) and
`supervisor.availability` (what schools are called). Tables: student, mismatch, known_region, known_site,
student_place, student_switch, student_signal, institute_decision, import_file, import_chunk, and those of shared.webhooks.
"""
