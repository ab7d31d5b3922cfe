"""What people are shown: rows of ``store.queries`` joined with definitions, calendar and clock, as frozen read models.

Every view takes the actor and answers only with what that actor may see; ``NotFound`` otherwise.
"""

from engine.services.views.queries import Views

__all__ = ["Views"]
