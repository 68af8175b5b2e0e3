"""Invented Dutch names for people who guide."""

import random

FIRST_NAMES = (
    "Anneke", "Bart", "Carla", "Daan", "Eline", "Femke", "Gijs", "Hanneke", "Ingrid", "Jeroen", "Karin", "Lotte", "Maarten",
    "Nienke", "Otto", "Petra", "Ruben", "Sanne", "Thijs", "Ursula", "Vera", "Wouter", "Yvonne", "Zeynep", "Fatima", "Mehmet",
    "Soraya", "Ravi", "Jamila", "Koen",
)  # fmt: skip
LAST_NAMES = (
    "de Vries", "Jansen", "van Dijk", "Bakker", "Visser", "Smit", "Meijer", "de Boer", "Mulder", "Bos", "Vos", "Peters",
    "Hendriks", "van Leeuwen", "Dekker", "Brouwer", "de Wit", "Dijkstra", "Smits", "de Graaf", "van der Meer", "Kok",
    "Jacobs", "Vermeulen", "van den Berg", "Yılmaz", "El Idrissi", "Kuipers", "Post", "Willems",
)  # fmt: skip


def invent_name(rng: random.Random) -> str:
    """A first and a last name; a likeness to somebody is chance."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
