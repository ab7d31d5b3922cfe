"""The JSON edge: API blueprints, the partners' webhook endpoint, health and metrics. Only here do errors get a status."""
