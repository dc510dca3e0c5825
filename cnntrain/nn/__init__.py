"""Networks: layers, losses and back-propagation."""
