"""The material of a config: sections, types of values, families of kinds."""

from cnntrain.settings.family import Described, Family
from cnntrain.settings.section import Doubt, Section, setting

__all__ = ["Described", "Doubt", "Family", "Section", "setting"]
