"""Figures against the floor and the peers, taken in one run on one machine; only ratios within a run mean anything."""
