"""The benchmark's own code: what it prints of a run. The figures themselves are no test."""
