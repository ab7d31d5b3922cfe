"""What process designers use on top of the engine: run, scenario, verify.

It owns nothing that lasts: everything here plays in a sandbox, on a virtual clock, with a seed that is said.
"""
