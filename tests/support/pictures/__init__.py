"""Pictures of the screens: what each shows, who looks, and what is done before it is taken."""
