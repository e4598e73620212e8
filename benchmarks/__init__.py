"""Speed and size, as ratios within one run. Absolute times of a shared machine mean little; ratios hold."""
