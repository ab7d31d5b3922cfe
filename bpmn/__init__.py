"""Data only: what process designers own. The file exists so that importlib.resources finds the folder."""
