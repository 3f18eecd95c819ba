"""What runs when: rules, the scripts behind them, the driver of a run; the only place that may look into several rooms."""
