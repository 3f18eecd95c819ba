"""Names of defects come in; a laboratory with the same kernel, that defect planted in its text, goes out."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.settings.particles import ParticleSettings

PACKAGE = Path(__file__).resolve().parents[2] / "transport" / "particles"
KERNEL = [
    "compiled",
    "normals",
    "step",
    "turbulence",
    "wind",
    "body",
    "cells",
    "flight",
    "model",
    "experiments",
]
DEFECTS = ("none", "no drift", "wrong neutral slope", "one-way lid", "no density term")
# file, text that must be there once, text in its place
TEXTS = (
    ("compiled", '"cache": True', '"cache": False'),
    ("turbulence", "    hours: int\n", "    plant: int\n    hours: int\n"),
    ("model", "        hours=int(hours),\n", "        plant=0,\n        hours=int(hours),\n"),
    (
        "body",
        "step * (slope + sigma * thinning)",
        "(0.0 if model.plant == 1 else step * (slope + (0.0 if model.plant == 4 else sigma) * thinning))",
    ),
    (
        "turbulence",
        "slope = -2e-4 * sigma * column.per_friction",
        "slope = -2e-4 * sigma * (1.0 if model.plant == 2 else column.per_friction)",
    ),
    (
        "body",
        "low, high = lid, minute.ceiling",
        "low, high = (0.0 if model.plant == 3 else lid), minute.ceiling",
    ),
)


@dataclass(frozen=True)
class Lab:
    """Experiments with the package's kernel, or with a copy that has a defect."""

    experiments: Any
    models: Any
    plant: int | None = None

    def model(self, hours, inlet=50.0, direction=-1.0, uniform=None, **settings):
        """Return a model; keywords are of ParticleSettings."""
        flat = self.models.Uniform(**uniform) if uniform is not None else None
        section = ParticleSettings(**settings)
        model = self.models.model_of(section, hours, inlet, direction, flat)
        return model if self.plant is None else model._replace(plant=self.plant)

    def run(self, model, height, *, key=7, lines=None, elapsed=0.0, row=0.0, column=0.0, **plain):
        """Return the sums of an experiment; keywords are of Plain."""
        start = self.experiments.release(height, key, elapsed, row, column)
        cells = lines or self.experiments.NOWHERE
        return self.experiments.experiment(self.experiments.Plain(**plain), model, start, cells)


def sound():
    """Return the laboratory with the package itself."""
    names = ("experiments", "model")
    return Lab(*(importlib.import_module(f"transport.particles.{name}") for name in names))


def planted(folder, defect):
    """Return a laboratory with a defect; one copy, compiled once, holds them all."""
    name = "planted_particles"
    if name not in sys.modules:
        copy = Path(folder) / name
        copy.mkdir()
        (copy / "__init__.py").write_text("", encoding="utf-8")
        for module in KERNEL:
            text = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
            for where, old, new in TEXTS:
                if where == module:
                    assert text.count(old) == 1, (module, old)
                    text = text.replace(old, new)
            text = text.replace("transport.particles", name)
            (copy / f"{module}.py").write_text(text, encoding="utf-8")
        sys.path.insert(0, str(folder))
        try:
            importlib.import_module(name)
            modules = [importlib.import_module(f"{name}.{part}") for part in KERNEL]
        finally:
            sys.path.remove(str(folder))
        assert modules
    parts = (sys.modules[f"{name}.experiments"], sys.modules[f"{name}.model"])
    return Lab(*parts, plant=DEFECTS.index(defect))
