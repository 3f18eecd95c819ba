"""Section `gas`: which gas, its molar mass, the unit people read it in, and what outdoor air can hold."""

from typing import Any, Literal

from pydantic import Field, model_validator

from contracts.settings.base import Section

# Molar mass [g mol-1], unit that people read, lowest and highest plausible outdoor air and the
# network compatibility goal [umol mol-1] (WMO GAW Report 255, table 1: 0.1 ppm CO2, 2 ppb CH4).
_KNOWN = {
    "CO2": (44.0095, "ppm", 250.0, 2000.0, 0.1),
    "CH4": (16.0425, "ppb", 1.5, 100.0, 0.002),
}
_FIELDS = (
    "molar_mass_g_mol",
    "mole_fraction_unit",
    "lowest_umol_mol",
    "highest_umol_mol",
    "compatibility_goal_umol_mol",
)


class GasSettings(Section):
    """The gas whose fluxes are sought; for CO2 and CH4 the name is enough."""

    name: str = Field("CO2", description="name of the gas")
    molar_mass_g_mol: float = Field(44.0095, gt=0, description="molar mass, g mol-1")
    mole_fraction_unit: Literal["ppm", "ppb"] = Field(
        "ppm",
        description="unit of mole fractions on pages and in fit.csv; files stay in umol mol-1",
    )
    lowest_umol_mol: float = Field(
        250.0, gt=0, description="lowest plausible mole fraction of outdoor air"
    )
    highest_umol_mol: float = Field(
        2000.0, gt=0, description="highest plausible mole fraction of outdoor air"
    )
    compatibility_goal_umol_mol: float = Field(
        0.1,
        gt=0,
        description="difference between networks that WMO GAW strives for; defaults of other "
        "sections that are mole fractions or fluxes are CO2's times this over CO2's 0.1",
    )

    @model_validator(mode="before")
    @classmethod
    def _of_the_gas(cls, values: Any) -> Any:
        """Fill in what is known of a named gas; demand it of any other."""
        if not isinstance(values, dict):
            return values
        name = values.get("name", "CO2")
        known = _KNOWN.get(name) if isinstance(name, str) else None
        if known is not None:
            return {**dict(zip(_FIELDS, known, strict=True)), **values}
        missing = [field for field in _FIELDS if field not in values]
        if missing:
            msg = (
                f"a gas other than {' and '.join(_KNOWN)} must come with {', '.join(_FIELDS)}; got "
                f"no {', '.join(missing)} for {name!r} in gas. State them."
            )
            raise ValueError(msg)
        return values

    @model_validator(mode="after")
    def _ordered(self) -> "GasSettings":
        if not self.lowest_umol_mol < self.highest_umol_mol:
            msg = (
                "gas must have lowest_umol_mol < highest_umol_mol; got "
                f"{self.lowest_umol_mol} and {self.highest_umol_mol}. Swap them."
            )
            raise ValueError(msg)
        return self

    @property
    def per_canonical(self) -> float:
        """Return how many of the unit people read make one umol mol-1."""
        return {"ppm": 1.0, "ppb": 1000.0}[self.mole_fraction_unit]
