"""Who works here and what each may do: accounts and sign-in, the organisation and who stands in for whom, requests
that a second person decides, and who must keep away from a case.
"""
