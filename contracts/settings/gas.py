"""Section `gas`: which gas, and its molar mass."""

from pydantic import Field

from contracts.settings.base import Section


class GasSettings(Section):
    """The gas whose fluxes are sought."""

    name: str = Field("CO2", description="name of the gas")
    molar_mass_g_mol: float = Field(44.0095, gt=0, description="molar mass, g mol-1")
