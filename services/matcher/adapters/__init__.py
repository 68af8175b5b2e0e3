"""The technologies behind the matcher's ports."""
