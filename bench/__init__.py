"""Measures what the product promises about time: `python -m bench` runs everything and writes bench/results/."""
