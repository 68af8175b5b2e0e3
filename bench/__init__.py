"""Measures what the product promises about time: `python -m bench` runs what needs a broker, `python -m bench solver` the solver."""
