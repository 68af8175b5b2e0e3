"""The school portal: pages that work without a script and on a phone."""
