"""The service as people, partners and operators meet it: real processes, real HTTP, a real browser, both databases."""
