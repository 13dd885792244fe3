import dataclasses
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from audio.recipe import Recipe, SegmentationRules

RECIPES = sorted((Path(__file__).resolve().parents[2] / "configs" / "recipes").glob("*.yaml"))


def test_a_recipe_without_any_setting_is_whole():
    assert Recipe().id == "field@3"


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_that_ships_loads_under_its_files_name(path):
    recipe = TypeAdapter(Recipe).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))

    assert recipe.name == path.stem


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_recipe_names_only_rules_that_exist(path):
    given = yaml.safe_load(path.read_text(encoding="utf-8"))

    for room, rules in given.items():
        if isinstance(rules, dict):
            known = {field.name for field in dataclasses.fields(getattr(Recipe(), room))}
            assert set(rules) <= known


def test_every_rule_is_explained_where_it_stands():
    for room in ("detection", "segmentation", "cleaning", "measurement", "renditions"):
        rules = getattr(Recipe(), room)
        for field in dataclasses.fields(rules):
            assert field.name in type(rules).__doc__, f"{room}.{field.name} has no explanation"


def test_lengths_that_leave_no_room_for_a_split_are_refused():
    with pytest.raises(ValueError, match="max_length_ms"):
        SegmentationRules(max_length_ms=2_000)
