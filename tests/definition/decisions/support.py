from engine.definition import SourceFile, load


def evaluate(content, name, variables=None, *others, **options):
    """The result of one decision of a file; others are deployed with it."""
    files = [SourceFile("a.dmn", content), *(SourceFile(f"o{number}.dmn", one) for number, one in enumerate(others))]
    return load(files).decisions[name].evaluate(variables or {}, **options)
