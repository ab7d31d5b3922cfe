"""What caseworkers do at their desk besides advancing cases: hand tasks on, put them off, write to each other, keep
filters; put cases together, take them apart, give them to another unit (always two persons).

Invariants: who is given a task may do it (role, recusal, duty separation) as if they had claimed it; a note in a case
is a row of its history, so that it is sealed, chained and erased with it; nobody is told of a case that one does not
see.
"""
