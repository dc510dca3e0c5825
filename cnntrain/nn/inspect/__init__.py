"""Looking into a network: costs, times, gradients held against differences."""
