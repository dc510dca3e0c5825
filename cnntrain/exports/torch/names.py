"""Names of attributes and classes in model.py."""

from __future__ import annotations

import keyword
import re

# What every nn.Module has, and what the modules written here have beside their layers.
WORDS = """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict logits mean mean_rest modules mtia named_buffers
    named_children named_modules named_parameters outputs parameters register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict std to to_empty train training type xpu zero_grad
"""
TAKEN = frozenset(WORDS.split())
GLOBALS = ("CLASSES", "F", "Path", "None", "True", "False")


class Attributes:
    """Of one module: a word for each of its layers, after their names."""

    def __init__(self) -> None:
        self._used: set[str] = set(TAKEN)

    def new(self, name: str) -> str:
        """ "conv1" of "conv1", "shortcut_conv1" of "shortcut/conv1", "half_" of "half"."""
        word = re.sub(r"\W", "_", name, flags=re.ASCII)
        while word in self._used or keyword.iskeyword(word):
            word += "_"
        self._used.add(word)
        return word


def title(name: str) -> str:
    """ "SomeRun" of "some_run"."""
    word = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return f"{word}Network" if word in GLOBALS else word
