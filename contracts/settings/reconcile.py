"""The section `reconcile` of a configuration comes in; checked settings of the verdicts go out."""

from pydantic import Field

from contracts.settings.base import Section


class VerdictSettings(Section):
    """Conditions under which a verdict is given at all."""

    required_stations: tuple[str, ...] = Field(
        default=(),
        description=(
            "Stations without which no total is assessed; if one is silent or excluded in a "
            "batch, every verdict of that batch reads 'not assessed'."
        ),
    )


class ReconcileSettings(Section):
    """Settings of the comparison with the inventory; the rule itself has none."""

    verdict: VerdictSettings = Field(
        default=VerdictSettings(), description="Conditions under which a verdict is given."
    )
    human_respiration_sectors: tuple[str, ...] = Field(
        default=("buildings",),
        description=(
            "Inventory sectors that the air cannot tell from human respiration; they bear the "
            "standard deviation of that fixed part."
        ),
    )
    preliminary: bool = Field(
        default=False,
        description="Say 'Preliminary' before every sentence: the data may still change.",
    )
