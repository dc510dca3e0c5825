"""The material of a config: sections, types of values, families of kinds."""

from cnntrain.settings.family import Described, Family
from cnntrain.settings.section import Section, setting

__all__ = ["Described", "Family", "Section", "setting"]
