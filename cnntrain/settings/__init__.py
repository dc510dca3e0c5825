"""What everything that a config describes is made of: sections, types of values, families."""

from cnntrain.settings.family import Described, Family
from cnntrain.settings.section import Section, setting

__all__ = ["Described", "Family", "Section", "setting"]
