"""Weather or footprint files come in; surface influence of every observation goes out."""
