"""The JSON edge: the API, the partners' webhook endpoint, health, metrics. Only here do errors get a status."""
