"""Intake owns students, their registrations, mismatch reports and the institute's decisions on placements.

Writes to `student.registrations`; reads `region.settings` (which regions and periods exist) and `placements` (what became of
each student, and other places offered) and `placement.signals` (passed on to webhooks). Tables: student, mismatch, known_region,
student_place, student_switch, student_signal, institute_decision, import_file, import_chunk, and those of shared.webhooks.
"""
