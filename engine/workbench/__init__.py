"""What designers use on top of the services: running a model in a sandbox, scenarios with coverage, the second engine.

A sandbox is a whole house over a throw-away store with a virtual clock, so what runs here is what runs in service.
"""
