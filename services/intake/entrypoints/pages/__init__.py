"""The pages for institutes: their students, what the plan says of them, and what the institute answers."""
