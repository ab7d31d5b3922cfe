"""Papers (文书) and evidence of a case, and service on people.

A version of a paper is a document of its case with its hash; only one that another person has approved is issued:
numbered from a gapless series, sealed, filed. Evidence has the time and hash of its receipt. Each delivery knows by
which rule its legal day of receipt came about, and moves the deadline that hangs on it.
"""
