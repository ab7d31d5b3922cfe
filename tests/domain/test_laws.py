"""What the law says on a step is stated by the domain document, or cited by number alone; nothing is made up."""

from engine.cli.demo import shipped_models
from engine.definition import SourceFile, load
from engine.domain.laws import shipped_laws
from engine.services.views.tasks import sources


def cited():
    files = [SourceFile(item.name, item.content) for item in shipped_models()
             if item.name.endswith((".bpmn", ".dmn", ".form"))]
    return {source for model in load(files).models for process in model.processes
            for element in process.elements.values() if element.user_task is not None for source in sources(element)}


def test_every_source_of_a_task_has_its_words_or_is_listed_without():
    laws, found = shipped_laws(), cited()
    assert sorted(found - laws.known.keys() - laws.without) == []
    assert sorted((laws.known.keys() | laws.without) - found) == []
    assert sorted(laws.known.keys() & laws.without) == []


def test_words_are_short_and_in_both_languages():
    for name, law in shipped_laws().known.items():
        assert 0 < len(law.words.zh) <= 70, name
        assert 0 < len(law.words.en) <= 170, name
        assert law.mark in "abc", name
        assert law.source, name
