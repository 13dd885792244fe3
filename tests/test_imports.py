"""Who imports whom: `lint-imports` holds the order of the rooms, this the modules inside them."""

from graphlib import TopologicalSorter

import grimp

ROOMS = ("audio", "catalog", "transcription", "releases", "flows", "portal", "boli")


def test_no_module_imports_itself_round_a_circle() -> None:
    graph = grimp.build_graph(*ROOMS, exclude_type_checking_imports=True, cache_dir=None)

    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    TopologicalSorter(imports).prepare()  # a CycleError names the circle
    assert len(imports) > 300
