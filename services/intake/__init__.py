"""Intake owns students, their registrations and mismatch reports.

Writes to `student.registrations`; reads `region.settings` (which regions and periods exist) and `placements` (what became of
each student). Tables: student, mismatch, known_region, student_place.
"""
