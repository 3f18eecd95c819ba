"""Posteriors, verdicts and outlines of a run come in; GeoTIFF, GeoPackage and tidy CSV go out."""

from report.exchange.write import ExchangeBatch, write_exchange

__all__ = ["ExchangeBatch", "write_exchange"]
