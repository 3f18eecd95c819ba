"""Settings of the states that are not fluxes and do not come with the background."""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section

_LARGEST_SHARE = 1.0


class NuisanceSettings(Section):
    """States that are not fluxes: transport, profile of the day, sensors (SCIENCE 2.4, 2.15.1)."""

    transport_common_sd: float = Field(
        default=0.10,
        ge=0.0,
        le=1.0,
        description="Prior standard deviation of the relative error of the modelled enhancement "
        "that is common to the whole batch; 0 = no such state.",
    )
    transport_daily_sd: float = Field(
        default=0.10,
        ge=0.0,
        le=1.0,
        description="Prior standard deviation of the part that changes from local day to local "
        "day; 0 = no such states.",
    )
    diurnal_amplitude_sd: float = Field(
        default=0.0,
        ge=0.0,
        le=_LARGEST_SHARE,
        description="Prior standard deviation of the relative error of each state sector's "
        "amplitude over the day, common to the batch: emissions lie (1 + a) times as far from "
        "the mean of their day; 0 = no such states.",
    )
    diurnal_amplitude_sd_by_sector: dict[str, float] = Field(
        default_factory=dict, description="Exceptions: state sector to standard deviation."
    )
    sensor_bias_start_sd_umol_mol: float = Field(
        default=0.0,
        ge=0.0,
        description="Prior standard deviation, in umol mol-1, of the bias of each station whose "
        "instrument is no reference instrument (class other than crds) on its first day with an "
        "observation; 0 = no such states.",
    )
    sensor_bias_walk_sd_umol_mol_per_sqrt_day: float = Field(
        default=0.0,
        ge=0.0,
        description="Growth of that bias as a random walk, in umol mol-1 per square root of a "
        "day; 0 = a bias constant over the batch.",
    )

    @field_validator("diurnal_amplitude_sd_by_sector")
    @classmethod
    def _shares(cls, shares: dict[str, float]) -> dict[str, float]:
        """Refuse shares outside [0, 1]."""
        wrong = {name: sd for name, sd in shares.items() if not 0.0 <= sd <= _LARGEST_SHARE}
        if wrong:
            msg = (
                f"relative standard deviations must lie in [0, {_LARGEST_SHARE:g}]; got {wrong} in "
                "errors.nuisance.diurnal_amplitude_sd_by_sector. Write 0.15 for 15 %."
            )
            raise ValueError(msg)
        return shares

    @model_validator(mode="after")
    def _walk_needs_a_start(self) -> NuisanceSettings:
        """Refuse a random walk from a bias that is known exactly."""
        walk = self.sensor_bias_walk_sd_umol_mol_per_sqrt_day
        if walk > 0.0 and self.sensor_bias_start_sd_umol_mol == 0.0:
            msg = (
                "a bias that walks must start with an uncertainty; got "
                f"sensor_bias_walk_sd_umol_mol_per_sqrt_day = {walk:g} beside "
                "sensor_bias_start_sd_umol_mol = 0 in errors.nuisance. Set the start to what "
                "co-location leaves, or the walk to 0."
            )
            raise ValueError(msg)
        return self

    @property
    def sensor_bias(self) -> bool:
        """Whether sensors have a bias of their own in the state."""
        return self.sensor_bias_start_sd_umol_mol > 0.0

    def without_states(self) -> NuisanceSettings:
        """Return the same section with every state switched off."""
        return NuisanceSettings(
            transport_common_sd=0.0,
            transport_daily_sd=0.0,
            diurnal_amplitude_sd=0.0,
            sensor_bias_start_sd_umol_mol=0.0,
            sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.0,
        )
