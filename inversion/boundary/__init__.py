"""The background mole fraction: what the air carries when it enters, and its error as state."""
