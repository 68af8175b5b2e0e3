"""Invents a region and plays a school week over the public interfaces; of Leerplek itself it knows the contracts only."""
